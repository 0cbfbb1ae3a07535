"""dill and cloudpickle: functions and classes as values."""


def packs_functions():
    import cloudpickle
    import dill

    offset = 5
    added = dill.loads(dill.dumps(lambda n: n + offset))(2)
    return [added, cloudpickle.loads(cloudpickle.dumps(lambda n: n * offset))(3)]


def packs_classes():
    import cloudpickle
    import dill

    class Point:
        def __init__(self, x):
            self.x = x

    one, other = dill.loads(dill.dumps(Point(3))), cloudpickle.loads(cloudpickle.dumps(Point))(4)
    return [one.x, other.x]

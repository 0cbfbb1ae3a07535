"""scikit-learn: OpenMP in compiled code, joblib's threads and joblib's processes."""

from . import with_processes


def _sample():
    from sklearn.datasets import make_classification

    return make_classification(n_samples=3000, n_features=20, random_state=1)


def grows_a_forest():
    from sklearn.ensemble import RandomForestClassifier

    x, y = _sample()
    forest = RandomForestClassifier(n_estimators=40, n_jobs=2, random_state=1).fit(x, y)
    return round(float(forest.predict_proba(x)[:, 1].sum()), 4)


def boosts_with_openmp():
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, y = _sample()
    return int(HistGradientBoostingClassifier(max_iter=20, random_state=1).fit(x, y).predict(x).sum())


def clusters_with_openmp():
    from sklearn.cluster import KMeans

    x, _ = _sample()
    return round(float(KMeans(5, n_init=2, random_state=1).fit(x).inertia_), 2)


def validates_in_processes():
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    x, y = _sample()
    with with_processes():
        return [round(float(s), 4) for s in cross_val_score(LogisticRegression(), x, y, cv=4, n_jobs=2)]

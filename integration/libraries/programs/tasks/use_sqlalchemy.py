"""SQLAlchemy on SQLite: its core, its mapper, and its pool of connections in threads."""


def adds_up():
    import sqlalchemy as sa

    engine = sa.create_engine("sqlite://")
    numbers = sa.Table("numbers", sa.MetaData(), sa.Column("n", sa.Integer))
    with engine.begin() as connection:
        numbers.create(connection)
        connection.execute(sa.insert(numbers), [{"n": n} for n in range(5000)])
        return connection.execute(sa.select(sa.func.sum(numbers.c.n))).scalar_one()


def maps_objects_in_threads():
    import os
    import tempfile
    from concurrent.futures import ThreadPoolExecutor

    import sqlalchemy as sa
    from sqlalchemy import orm

    class Base(orm.DeclarativeBase):
        pass

    class Item(Base):
        __tablename__ = "items"
        id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
        name: orm.Mapped[str]

    def read(n):
        with orm.Session(engine) as session:
            return session.get(Item, n + 1).name

    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine("sqlite:///" + os.path.join(folder, "items.db"))
        Base.metadata.create_all(engine)
        with orm.Session(engine) as session:
            session.add_all(Item(name="item %d" % n) for n in range(200))
            session.commit()
        with ThreadPoolExecutor(4) as pool:
            names = list(pool.map(read, range(0, 200, 10)))
        engine.dispose()
        return [names[-1], len(names)]

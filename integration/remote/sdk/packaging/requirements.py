from pip._vendor.packaging.requirements import Requirement  # noqa: F401

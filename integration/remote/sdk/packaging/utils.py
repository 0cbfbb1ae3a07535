from pip._vendor.packaging.utils import canonicalize_name  # noqa: F401

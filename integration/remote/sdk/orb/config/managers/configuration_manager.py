"""A name that Scaler's manager imports."""


class ConfigurationManager:
    def __init__(self, config_dict):
        pass

"""The TOML files are configurations of the manager, without a warning."""

import unittest

import program


class Toml(program.ProgramTest):
    def load(self, name):
        return self.configuration("--config", program.EXAMPLES / name)

    def test_every_file_is_a_configuration(self):
        files = sorted(path.name for path in program.EXAMPLES.glob("*.toml"))
        self.assertEqual(files, ["dynamic.toml", "fixed.toml", "tls.toml"])
        for name in files:
            with self.subTest(name):
                self.assertRegex(self.load(name)["scheduler_address"], "^(tcp|tls)://scheduler.example:8516$")

    def test_each_is_what_its_name_says(self):
        self.assertEqual(self.load("fixed.toml")["mode"], "fixed")
        self.assertEqual(self.load("dynamic.toml")["mode"], "dynamic")
        secure = self.load("tls.toml")
        for key in ("tls_ca", "tls_cert", "tls_key", "http_tls_cert", "http_tls_key"):
            self.assertTrue(secure[key], key)


if __name__ == "__main__":
    unittest.main()

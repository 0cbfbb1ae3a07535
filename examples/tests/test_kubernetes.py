"""The Deployment keeps to Kubernetes' schema, and its parts fit together and to the manager."""

import re
import unittest

import container
import kubernetes_validate
import program
import yaml

UNITS = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}


def deployment():
    with open(program.EXAMPLES / "kubernetes.yaml") as stream:
        return yaml.safe_load(stream)


def size(text):
    number, unit = re.fullmatch(r"(\d+)([KMG]i)", text).groups()
    return int(number) * UNITS[unit]


class Kubernetes(program.ProgramTest):
    def setUp(self):
        self.pod = deployment()["spec"]["template"]["spec"]
        (self.container,) = self.pod["containers"]
        self.settings = self.configuration(*self.container["args"])

    def test_schema(self):
        for version in ("1.25", "1.37"):
            kubernetes_validate.validate(deployment(), version, strict=True)
        wrong = deployment()
        wrong["spec"]["template"]["spec"]["terminationGracePeriod"] = 1
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(wrong, "1.37", strict=True)

    def test_pods_are_selected(self):
        spec = deployment()["spec"]
        self.assertEqual(spec["selector"]["matchLabels"], spec["template"]["metadata"]["labels"])

    def test_time_to_stop(self):
        self.assertGreater(self.settings["drain_on_terminate"], 0)
        self.assertGreaterEqual(self.pod["terminationGracePeriodSeconds"], self.time_to_stop(self.settings))

    def test_workers_fit_into_the_container(self):
        resources = self.container["resources"]
        self.assertEqual(resources["requests"], resources["limits"])
        workers = self.settings["max_task_concurrency"]
        self.assertEqual(str(workers), resources["limits"]["cpu"])
        # The manager and the worker host take some 100 MB.
        rest = size(resources["limits"]["memory"]) - workers * self.settings["worker_memory_limit"]
        self.assertGreater(rest, 200 << 20)

    def test_probes_reach_the_manager(self):
        (port,) = self.container["ports"]
        self.assertTrue(self.settings["http_address"].endswith(":%d" % port["containerPort"]))
        paths = {}
        for kind in ("livenessProbe", "readinessProbe"):
            request = self.container[kind]["httpGet"]
            self.assertEqual(request["port"], port["name"])
            paths[kind] = request["path"]
        self.assertEqual(paths, {"livenessProbe": "/healthz", "readinessProbe": "/readyz"})

    def test_files_are_mounted(self):
        self.assertEqual(
            {volume["name"] for volume in self.pod["volumes"]},
            {mount["name"] for mount in self.container["volumeMounts"]},
        )
        folders = [mount["mountPath"] for mount in self.container["volumeMounts"]]
        self.assertIn(self.settings["http_token"].lstrip("@").rpartition("/")[0], folders)

    def test_user_is_that_of_the_image(self):
        self.assertTrue(self.pod["securityContext"]["runAsNonRoot"])
        self.assertEqual(str(self.pod["securityContext"]["runAsUser"]), container.stages()[-1].last("USER"))

    def test_image_has_the_newest_release(self):
        self.assertEqual(self.container["image"].rpartition(":")[2], program.newest_release())


if __name__ == "__main__":
    unittest.main()

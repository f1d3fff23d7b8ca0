#!/usr/bin/python3
"""Run the recorded cases that read and write S3, with workflow's objects in their place.

    objects.py CASES-FOLDER [options of run_asl.py]

run_asl.py leaves out what needs anything but Lambda functions.  Here a case's resources are put
where workflow has them: each bucket gets a name of its own, so that cases do not meet.
"""
import hashlib, json, os, sys

folder = sys.argv.pop(1)
sys.path.insert(0, folder)
import run_asl

START = run_asl.start


def runnable(case):
    return "s3" in case["needs"] and not case.get("pytest_skipped") and \
        all(n == "s3" or n.startswith("lambda:") and n[7:] in run_asl.BEHAVIOUR for n in case["needs"])


def with_own_buckets(case):
    suffix = hashlib.sha256(case["id"].encode()).hexdigest()[:12]
    text = json.dumps(case)
    for bucket in [r["name"] for r in case.get("resources", []) if r["kind"] == "s3_bucket"]:
        text = text.replace(json.dumps(bucket), json.dumps(bucket + "-" + suffix))
    return json.loads(text)


def with_resources(case):
    return with_own_buckets(LAMBDAS(case))


def start(server, case, run):
    for resource in case.get("resources", []):
        if resource["kind"] == "s3_object":
            server.sql("SELECT workflow.put_object(%s, %s, %s)", resource["bucket"], resource["key"], resource["body"])
    return START(server, case, run)


LAMBDAS = run_asl.with_own_lambdas
run_asl.runnable, run_asl.start, run_asl.with_own_lambdas = runnable, start, with_resources
sys.argv += ["--cases", os.path.join(folder, "asl-cases.public.json")] if "--cases" not in sys.argv else []
sys.exit(run_asl.main())

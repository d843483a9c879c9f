"""Writes what happens in a run as JSON lines, for tests to compare with what is printed."""
from __future__ import absolute_import, division, print_function

import json
import os

from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback import CallbackBase

__metaclass__ = type

DOCUMENTATION = """
name: events
type: notification
short_description: results as JSON lines
description: writes every result and the statistics to the file that EVENTS_FILE names
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "events"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self):
        super(CallbackModule, self).__init__()
        self.out = open(os.environ["EVENTS_FILE"], "a")
        self.play = ""
        self.names = {}

    def write(self, **event):
        self.out.write(json.dumps(event) + "\n")
        self.out.flush()

    def result(self, result, event, state, ignored=False, left=None):
        task = getattr(result, "task", None) or result._task
        host = getattr(result, "host", None) or result._host
        data = getattr(result, "result", None) or result._result
        if state == "ok" and isinstance(task, TaskInclude):
            state = "included"
        elif state == "ok" and data.get("changed"):
            state = "changed"
        # A task's name is a template: this is what it was when it began.
        name = self.names.get(task._uuid) or task.get_name().strip()
        msg = data.get("msg")
        self.write(event=event, play=self.play, task=name, host=host.get_name(), state=state,
                   ignored=bool(ignored), msg=msg if isinstance(msg, str) else None, rc=data.get("rc"), left=left)

    def v2_playbook_on_play_start(self, play):
        self.play = play.get_name().strip()
        self.write(event="play", play=self.play)

    def v2_playbook_on_task_start(self, task, is_conditional):
        self.names[task._uuid] = task.get_name().strip()

    def v2_playbook_on_handler_task_start(self, task):
        self.names[task._uuid] = task.get_name().strip()
        self.write(event="handler", play=self.play, task=self.names[task._uuid])

    def v2_runner_on_ok(self, result):
        self.result(result, "host", "ok")

    def v2_runner_on_skipped(self, result):
        self.result(result, "host", "skipped")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.result(result, "host", "failed", ignore_errors)

    def v2_runner_on_unreachable(self, result):
        task = getattr(result, "task", None) or result._task
        self.result(result, "host", "unreachable", task.ignore_unreachable)

    def v2_runner_retry(self, result):
        data = getattr(result, "result", None) or result._result
        self.result(result, "retry", "retrying", left=data["retries"] - data["attempts"])

    def v2_runner_item_on_ok(self, result):
        self.result(result, "item", "ok")

    def v2_runner_item_on_skipped(self, result):
        self.result(result, "item", "skipped")

    def v2_runner_item_on_failed(self, result):
        self.result(result, "item", "failed")

    def v2_playbook_on_stats(self, stats):
        for host in sorted(stats.processed):
            row = stats.summarize(host)
            row["failed"] = row.pop("failures")
            self.write(event="stats", host=host, **row)

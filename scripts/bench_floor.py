"""The floor every push is measured against: stock SpiffWorkflow on the same SOP, its whole state in one row.

Service and decision tasks become one-line scripts, timers become constants; nothing is checked, nobody is
told, nothing is remembered. What Tuntas adds to this is what the figures of `make bench` show.
"""

from __future__ import annotations

from typing import Any

import psycopg
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.util.task import TaskState

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
TIMES = {
    "timeDuration": '"P30D"',
    "timeDate": '"2099-01-01T00:00:00+08:00"',
    "timeCycle": '"R3/P30D"',
}


class Floor:
    """One table, one row per report, one connection."""

    def __init__(self, url: str, diagram: bytes, key: str) -> None:
        self.connection = psycopg.connect(url)
        self.connection.execute("CREATE TABLE IF NOT EXISTS floor (id serial PRIMARY KEY, state text)")
        self.connection.commit()
        parser = BpmnParser()
        parser.add_bpmn_str(plain_diagram(diagram))
        self._spec, self._subs = parser.get_spec(key), parser.get_subprocess_specs(key)
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(DEFAULT_CONFIG))

    def start(self, data: dict[str, Any]) -> int:
        """Begin an instance; its row's id."""
        workflow = BpmnWorkflow(self._spec, self._subs)
        workflow.task_tree.data.update(data)
        for task in workflow.get_tasks(state=TaskState.READY):
            task.data.update(data)
        workflow.do_engine_steps()
        text = self._serializer.serialize_json(workflow)
        insert = "INSERT INTO floor (state) VALUES (%s) RETURNING id"
        row = self.connection.execute(insert, (text,)).fetchone()
        self.connection.commit()
        assert row is not None
        return int(row[0])

    def complete(self, row: int, element: str, answers: dict[str, Any]) -> None:
        """Complete the open task `element`."""
        found = self.connection.execute("SELECT state FROM floor WHERE id = %s FOR UPDATE", (row,)).fetchone()
        assert found is not None
        workflow = self._serializer.deserialize_json(found[0])
        ready = workflow.get_tasks(state=TaskState.READY)
        task = next(each for each in ready if each.task_spec.name == element)
        task.data.update(answers)
        task.run()
        workflow.do_engine_steps()
        workflow.refresh_waiting_tasks()
        text = self._serializer.serialize_json(workflow)
        self.connection.execute("UPDATE floor SET state = %s WHERE id = %s", (text, row))
        self.connection.commit()


def plain_diagram(content: bytes) -> str:
    """The same diagram without what stock SpiffWorkflow does not understand."""
    root = etree.fromstring(content)
    for extension in list(root.iter(f"{BPMN}extensionElements")):
        extension.getparent().remove(extension)
    for task in list(root.iter(f"{BPMN}serviceTask", f"{BPMN}businessRuleTask")):
        for child in list(task):
            if child.tag not in (f"{BPMN}incoming", f"{BPMN}outgoing"):
                task.remove(child)
        for attribute in set(task.attrib) - {"id", "name"}:
            del task.attrib[attribute]
        task.tag = f"{BPMN}scriptTask"
        etree.SubElement(task, f"{BPMN}script").text = "langkah = 1"
    for name, text in TIMES.items():
        for timer in root.iter(f"{BPMN}{name}"):
            timer.text = text
    return str(etree.tostring(root, encoding="unicode"))

"""SpiffWorkflow's parser, led along our reading of the file.

It builds the process specs and one task spec per element, flat instead of recursively (its own walk runs
out of stack on long diagrams and drops what it does not reach). Only files without error findings get here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser, TaskParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask
from SpiffWorkflow.specs import WorkflowSpec

from app.engine.diagram import Process
from app.engine.specs.activities import (
    CallActivity,
    DecisionTask,
    ReceiveTask,
    ScriptTask,
    ServiceTask,
    SubProcess,
    UserTask,
)
from app.engine.specs.base import Element
from app.engine.specs.events import BoundaryEvent, CatchEvent, EndEvent, EventGateway, StartEvent, ThrowEvent
from app.engine.specs.gateways import ExclusiveGateway, InclusiveGateway, ParallelGateway
from app.engine.specs.loops import Instances

CLASSES: Mapping[str, type[Element]] = {
    "startEvent": StartEvent, "endEvent": EndEvent, "intermediateCatchEvent": CatchEvent,
    "intermediateThrowEvent": ThrowEvent, "boundaryEvent": BoundaryEvent,
    "userTask": UserTask, "serviceTask": ServiceTask, "scriptTask": ScriptTask,
    "businessRuleTask": DecisionTask, "receiveTask": ReceiveTask,
    "subProcess": SubProcess, "callActivity": CallActivity,
    "exclusiveGateway": ExclusiveGateway, "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway, "eventBasedGateway": EventGateway,
}
CHILD = " [child]"
"""Suffix of the spec that runs once per item; an XML id holds no space, so it cannot collide."""
ROOT = " root"


class SopProcessSpec(BpmnProcessSpec):
    """A process or sub-process. SpiffWorkflow's own `Start`, `End` and `EndJoin` are left out: scopes end
    when no token is left, and elements of a diagram may be called so."""

    begin: StartEvent

    def __init__(self, name: str, description: str, filename: str | None) -> None:
        WorkflowSpec.__init__(self, name=name, filename=filename)
        self.start = SimpleBpmnTask(self, ROOT)
        self.end = None
        self.svg = None
        self.description = description
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []


class ElementParser(TaskParser):
    def parse_node(self) -> Element:
        process: Process = self.process_parser.parser.process
        node = process.nodes[self.bpmn_id]
        attributes = {**self.bpmn_attributes, "node": node, "lane": node.lane}
        element: Element = self.spec_class(self.spec, self.bpmn_id, **attributes)
        if node.loop is None:
            return element
        self.spec.task_specs.pop(self.bpmn_id)
        element.name = self.bpmn_id + CHILD
        self.spec.task_specs[element.name] = element
        wrapper = Instances(self.spec, self.bpmn_id, **attributes)
        wrapper.child, element.wrapper = element, wrapper
        return wrapper


class ScopeParser(ProcessParser):
    def create_spec(self) -> SopProcessSpec:
        return SopProcessSpec(self.bpmn_id, self.get_name(), self.filename)

    def add_tasks(self) -> None:
        for node in self.node:
            if node.tag in self.parser.PARSER_CLASSES:
                self.parse_node(node)
                if node.tag == full_tag("subProcess"):
                    self.parser.create_parser(node, self.filename)
        process: Process = self.parser.process
        for flow in process.flows:
            if flow.source in self.spec.task_specs:
                self.spec.task_specs[flow.source].connect(self.spec.task_specs[flow.target])


class SopParser(BpmnParser):
    """Parses one process, given its reading, into specs by scope id."""

    PARSER_CLASSES = {full_tag(tag): (ElementParser, spec) for tag, spec in CLASSES.items()}  # noqa: RUF012
    PROCESS_PARSER_CLASS = ScopeParser

    def __init__(self, process: Process, root: etree._Element) -> None:
        super().__init__()
        self.process = process
        node = next(part for part in root if part.get("id") == process.key)
        self.create_parser(node, process.file)

    def parse(self) -> dict[str, SopProcessSpec]:
        """Scope id -> spec, for the process and every sub-process in it."""
        specs: dict[str, SopProcessSpec] = {}
        for scope in self.process.scopes():
            specs[scope] = self.process_parsers[scope].get_spec()
            specs[scope].begin = next(spec for spec in specs[scope].task_specs.values()
                                      if isinstance(spec, StartEvent))
        return specs

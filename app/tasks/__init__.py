"""What a BPMN task means in this city: whose task it is, and what a service task may ask for."""

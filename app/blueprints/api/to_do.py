"""What waits for whoever calls."""

from uuid import UUID

from app.blueprints.api.base import Shape
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import Instant
from app.services.backoffice.overview import to_do
from app.services.backoffice.overview.to_do import Kind, Of, Task


class TaskView(Shape):
    """One thing to do; `until` is when it is too late. `id` is of a booking, a checkout or a consultation, as `of` says."""

    kind: Kind
    of: Of
    id: UUID
    title: str
    who: str
    start: Instant | None
    until: Instant | None

    @classmethod
    def told(cls, task: Task) -> "TaskView":
        """As its person sees it."""
        return cls(
            kind=task.kind,
            of=task.of,
            id=task.id,
            title=task.title,
            who=task.who,
            start=task.starts_at,
            until=task.until,
        )


@call("GET /me/tasks", "What waits for me", name="list_tasks", gives=list[TaskView])
def tasks() -> list[TaskView]:
    """What this person alone can do next: answer, sign, pay, choose, check; the most urgent first."""
    return [TaskView.told(task) for task in to_do.of(caller())]

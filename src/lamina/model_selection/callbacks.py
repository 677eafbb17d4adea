"""scikit-learn's callbacks, where its version has them: a search is one task, its rounds are tasks inside."""

from __future__ import annotations

import inspect
from typing import Any, Self


class NoCallbacks:
    """Stands in for a context of callbacks and does nothing."""

    def subcontext(self, **keywords: Any) -> Self:
        return self

    def call_on_fit_task_begin(self, **keywords: Any) -> Self:
        return self

    def call_on_fit_task_end(self, **keywords: Any) -> None:
        pass


def begin_callbacks(search: Any, X: Any, y: Any) -> Any:
    """The context of a search that begins."""
    if not hasattr(search, "_init_callback_context"):
        return NoCallbacks()
    context = search._init_callback_context(max_subtasks=1)
    return context.call_on_fit_task_begin(estimator=search, X=X, y=y)


def run_search(search: Any, evaluate: Any, context: Any) -> None:
    """Call ``_run_search`` of scikit-learn's search, whose later versions take the context."""
    takes_context = "callback_ctx" in inspect.signature(search._run_search).parameters
    search._run_search(evaluate, **({"callback_ctx": context} if takes_context else {}))

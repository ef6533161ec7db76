"""What a file must hold for a model: its columns, and a template with them."""

import csv
import io

from beanft.engine.learning.checking.writing import as_typed
from beanft.engine.learning.truth_words import in_owner_words
from beanft.models import TrainedModel
from beanft.predict.services import columns_of


def needs_of(model: TrainedModel) -> list[tuple[str, str, str]]:
    """Name, kind and example of each column that a file needs."""
    return [
        (
            column["name"],
            column["kind"],
            as_typed(in_owner_words(column["example"], column.get("words")), column),
        )
        for column in columns_of(model)
    ]


def template_csv(*, model: TrainedModel) -> str:
    """A CSV with the header that a model needs and one row of examples."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    needs = needs_of(model)
    writer.writerow([name for name, _, _ in needs])
    writer.writerow([example for _, _, example in needs])
    return stream.getvalue()

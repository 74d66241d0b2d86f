"""The users of the platform kept in DynamoDB."""

from collections.abc import Sequence
from contextlib import suppress

from pynamodb.attributes import UnicodeAttribute

from plume.aws.fact_text import fact_of, text_of
from plume.aws.failures import told_as_unavailable
from plume.aws.rows import Row, index
from plume.model.person import Person

SESSION = frozenset({"logged_in_at"})
"""What is true of a session alone."""


class PersonRow(Row):
    """One person."""

    class Meta:
        """Bound by `PeopleTable`."""

        table_name = ""

    by_username_pk = UnicodeAttribute(null=True)
    by_username_sk = UnicodeAttribute(null=True)
    by_username = index("by_username")
    """Everyone, by username."""


class PeopleTable:
    """`plume.ports.people.People` on DynamoDB."""

    def __init__(self, table_name: str) -> None:
        PersonRow.Meta.table_name = table_name

    def get(self, subject: str) -> Person | None:
        """Give the person, as of now: a disabled one is refused at the next request."""
        with told_as_unavailable("users table"), suppress(PersonRow.DoesNotExist):
            row = PersonRow.get(f"person#{subject}", "person", consistent_read=True)
            return fact_of(Person, str(row.fact))
        return None

    def put(self, person: Person) -> None:
        """Enter or replace a person."""
        with told_as_unavailable("users table"):
            PersonRow(
                f"person#{person.id}",
                "person",
                fact=text_of(person, without=SESSION),
                by_username_pk="person",
                by_username_sk=person.username,
            ).save()

    def all(self) -> Sequence[Person]:
        """Give everyone, by username."""
        with told_as_unavailable("users table"):
            return [
                fact_of(Person, str(row.fact)) for row in PersonRow.by_username.query("person")
            ]

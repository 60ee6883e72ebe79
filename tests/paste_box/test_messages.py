"""An error that the guide does not know gets no answer."""

from tests.paste_box.messages import raised_messages

MOST_WRONG = 0.001


def test_messages_of_other_packages_are_unknown(project, ask):
    messages = raised_messages(project)
    assert len(messages) >= 8000
    answers = ask(*([message] for message in messages))
    known = [message for message, answer in zip(messages, answers, strict=True) if answer["state"] == "found"]
    assert len(known) <= MOST_WRONG * len(messages), known

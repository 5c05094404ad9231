"""EN 301 549 v3.2.1, closed functionality, clause by clause: what it asks, how the kiosk meets it, which tests hold it.

`python -m tests.en_301_549 > docs/reference/en-301-549.md` makes the conformance report. A clause without tests is met by
mounting and devices, and the report says where. The clauses' own words are shortened to what concerns this machine.
"""

from dataclasses import dataclass

EAR, KEYS = "simulation/test_flows_by_ear.py", "simulation/test_five_keys.py"
PAYING, STAFF = "simulation/test_paying_by_ear.py", "simulation/test_staff_by_ear.py"
SPOKEN, WINDOW = "journeys/test_spoken.py", "journeys/test_screens.py"
PICTURES = "snapshots/test_pictures.py::test_every_screen_in_every_look"
MOUNTING = "[mounting sheet](../how-to/mount-a-kiosk.md)"


@dataclass(frozen=True)
class Clause:
    """One clause. `by` names further tests, beside the check that bears the clause's number."""

    number: str
    asks: str
    met: str
    by: tuple[str, ...] = ()
    software: bool = True


CLAUSES = (
    Clause(
        "5.1.2.2",
        "works with no assistive technology attached",
        "every flow by five keys and speech, without touch and without sight",
        (
            "journeys/test_flows.py::test_a_flow_is_shown_by_five_keys_and_speech_alone",
            f"{EAR}::test_by_ear_and_five_keys",
            f"{PAYING}::test_paying_by_ear_and_five_keys",
            f"{STAFF}::test_staff_by_ear_and_five_keys",
        ),
    ),
    Clause(
        "5.1.3.1",
        "what is seen and needed is also heard",
        "every visible text of every screen is in its spoken script",
        (f"{SPOKEN}::test_every_visible_text_and_every_icon_is_heard",),
    ),
    Clause(
        "5.1.3.2",
        "a loudspeaker, or a jack that is found without sight",
        f"a headset begins speech; where the jack is: {MOUNTING}",
        (f"{KEYS}::test_plugging_a_headset_in_begins_and_says_how_to_go_on",),
    ),
    Clause("5.1.3.3", "speech follows the focus", "where the keys go, it is said"),
    Clause(
        "5.1.3.4",
        "speech can be interrupted and repeated",
        "keys and buttons to say it again, to be silent, and to go on where silence came",
        (
            f"{KEYS}::test_say_it_again_and_be_silent_by_key_and_by_name",
            f"{KEYS}::test_silence_can_be_ended_where_it_came",
        ),
    ),
    Clause(
        "5.1.3.5",
        "speech stops on a person's act and when new speech begins",
        "each key, touch and new screen is silence first",
        (f"{KEYS}::test_silence_before_new_words",),
    ),
    Clause(
        "5.1.3.6",
        "icons are spoken unless they decorate",
        "no control without a name; an icon stands beside its words",
        (f"{WINDOW}::test_what_can_be_pressed_has_a_name_is_large_enough_and_in_reach",),
    ),
    Clause(
        "5.1.3.8",
        "masked entry is not spoken unless others cannot hear",
        "a digit is said in a headset only; the count of digits is said to all",
        (f"{KEYS}::test_a_digit_is_said_in_the_headset_only",),
    ),
    Clause(
        "5.1.3.9",
        "private data only where others do not hear",
        "words from outside are private; the speaker refuses them without a headset",
        ("simulation/test_canary_aloud.py::test_nothing_private_is_heard_by_others",),
    ),
    Clause(
        "5.1.3.10",
        "no disturbing sound over three seconds",
        "cues are a second at most, and lower under speech",
        ("unit/ui/test_playing.py::test_a_cue_is_as_long_as_it_says_and_at_most_a_second",),
    ),
    Clause(
        "5.1.3.11",
        "loudness of private listening can be set without sight",
        "keys for louder and less loud, each step said",
        (
            f"{KEYS}::test_volume_keys_are_said_reach_both_ends_and_the_next_person_hears_the_usual",
        ),
    ),
    Clause(
        "5.1.3.12", "the loudspeaker reaches 65 dBA", f"set once, with a meter: {MOUNTING}",
        software=False,
    ),
    Clause(
        "5.1.3.13",
        "loudness goes back after every use",
        "the usual step again when the visit ends, and when a plug goes in or out",
        (
            f"{KEYS}::test_volume_keys_are_said_reach_both_ends_and_the_next_person_hears_the_usual",
        ),
    ),
    Clause(
        "5.1.3.14",
        "speech in the language of the display",
        "the screen's language, for a language's own name that one",
        (f"{KEYS}::test_what_is_heard_of_a_screen_is_in_its_own_language",),
    ),
    Clause(
        "5.1.3.15",
        "an input error is named and described in speech",
        "the notice is told at once; a refused row with its reason and what to do",
        (f"{KEYS}::test_a_refused_item_is_said_with_its_reason_and_what_to_do",),
    ),
    Clause(
        "5.1.3.16",
        "what a receipt says can be heard",
        "the whole receipt from the lines of the paper, in a headset, before the visit ends; the list when no paper came",
        (
            f"{EAR}::test_by_ear_and_five_keys",
            f"{EAR}::test_by_ear_and_five_keys[receipt: read aloud, whole]",
        ),
    ),
    Clause(
        "5.1.4",
        "a mode whose capital H is 0.7 degrees high",
        "larger text: 7.3 mm at 600 mm, worked out from the screen's real millimetres",
        ("unit/ui/test_theme.py::test_large_text_is_legible_at_its_distance",),
    ),
    Clause("5.1.5", "each sound has a visual equal", "a cue never comes without its mark and word"),
    Clause(
        "5.1.6.1",
        "operable without sight",
        "five keys with one meaning each on every screen",
        ("journeys/test_keys.py::test_arrows_reach_every_control",),
    ),
    Clause(
        "5.1.6.2",
        "the focus leaves every element by the same means",
        "down goes round and back to the first, and so does up",
        (f"{KEYS}::test_no_screen_holds_the_keys_and_they_reach_all_that_can_be_pressed",),
    ),
    Clause("5.1.7", "no speech input is needed", "there is no microphone: nothing listens"),
    Clause(
        "5.2",
        "access begins without what it replaces",
        "any key or a headset begins; larger text, contrast and speech are buttons of 12 mm and more",
        (f"{KEYS}::test_the_first_key_only_begins",),
    ),
    Clause("5.3", "never one biometric as the only means", "card or number, and a PIN; no biometrics"),
    Clause(
        "5.4", "accessibility information survives", "nothing is converted: screens and receipts are made here",
        software=False,
    ),
    Clause("5.5.1", "no grasp, pinch or twist", f"keys and a slot for paper: {MOUNTING}", software=False),
    Clause(
        "5.5.2",
        "parts are told apart without acting",
        "the first press only speaks, and the middle key presses nothing before something was named",
        (f"{KEYS}::test_the_first_key_only_begins",),
    ),
    Clause("5.6", "the state of a toggle by sound and sight", "what is on says so, and is drawn so"),
    Clause(
        "5.7",
        "key repeat off or adjustable",
        "a held key is one press",
        ("unit/keypad/test_keypad.py::test_a_press_is_told_once_its_release_and_repeats_never",),
    ),
    Clause(
        "5.8",
        "double-strike delay adjustable to 0.5 s",
        "`[keys] again_s`",
        (f"{KEYS}::test_the_same_key_again_too_soon_is_a_trembling_hand",),
    ),
    Clause("5.9", "no simultaneous actions", "each key alone does its job"),
    Clause("8.1.2", "standard connections", f"a jack of 3.5 mm: {MOUNTING}", software=False),
    Clause(
        "8.1.3",
        "colour is never the only sign",
        "each state has a shape and a word",
        ("unit/kiosk/test_view.py::test_every_row_says_its_state_in_words",),
    ),
    Clause(
        "8.2.1",
        "18 dB of loudness with a step at 12",
        "three steps of 6 dB over the usual one, measured in the voice's own sound",
        (
            "unit/speech/test_espeak.py::test_steps_of_loudness_reach_18_decibels_over_the_usual_with_a_step_at_12",
        ),
    ),
    Clause("8.3", "reach, knee space, floor", MOUNTING, software=False),
    Clause("8.4", "tactile keys and their force", MOUNTING, software=False),
    Clause("8.5", "a tactile sign at the way to speech", MOUNTING, software=False),
    Clause("11.1.4.3", "text of 4.5 to 1", "told from the pixels of every screen in every theme", (PICTURES,)),
    Clause("11.1.4.11", "edges, icons and focus of 3 to 1", "the same", (PICTURES,)),
    Clause(
        "11.2.2.1",
        "time limits are warned of and can be extended",
        "30 s ahead, by any key, without limit; three times as long in speech or larger text",
        (
            f"{KEYS}::test_the_idle_warning_is_said_and_any_key_gives_a_whole_period",
            "simulation/test_time.py::test_the_warning_can_be_answered_as_often_as_wanted",
        ),
    ),
    Clause(
        "11.2.3.1", "nothing flashes more than three times a second", "no motion while read aloud or in high contrast"
    ),
    Clause(
        "11.2.4.7", "the focus is seen", "a ring of 3 to 1 around each control that the keys come to",
        (f"{WINDOW}::test_keys_walk_the_screens_own_order_and_the_ring_is_where_they_are",),
    ),
    Clause(
        "11.2.5.2",
        "a press can be called off",
        "acts on release; sliding off cancels",
        (f"{WINDOW}::test_a_finger_acts_on_release_and_may_slide_off",),
    ),
    Clause(
        "11.3.3.1",
        "errors are named, a way is suggested, deeds can be undone",
        "reason and advice on each refused row; undo until the end; a question before a hold goes",
        (
            "journeys/test_flows.py::test_a_flow_is_shown_by_five_keys_and_speech_alone",
            f"{EAR}::test_by_ear_and_five_keys",
            f"{PAYING}::test_paying_by_ear_and_five_keys",
            f"{STAFF}::test_staff_by_ear_and_five_keys",
        ),
    ),
    Clause(
        "WCAG 2.2, 2.5.8", "targets", "12 mm, primary ones 20, with 2 mm between",
        (f"{WINDOW}::test_what_can_be_pressed_has_a_name_is_large_enough_and_in_reach", PICTURES),
    ),
    Clause("WCAG 2.2, 3.2.6", "help in one place", "first in the assist bar, on every screen that has one"),
    Clause(
        "WCAG 2.2, 3.3.8", "a way to sign in that needs no remembered riddle", "card and the library's own PIN; digits"
        " lie as on a telephone",
    ),
    Clause(
        "12.1.1", "access is documented", "[Accessibility statement](../explanation/accessibility.md), also in Danish"
    ),
)  # fmt: skip


def report() -> str:
    """The conformance report as a page."""
    lines = [
        "<!-- Made by `python -m tests.en_301_549`. Do not edit. -->",
        "",
        "# Conformance to EN 301 549",
        "",
        "Designed to EN 301 549 v3.2.1, closed functionality; no law is claimed to require it. What a clause asks is",
        "shortened. Clauses 11.1.1.1.2, 11.1.2.1.2, 11.1.4.4.2, 11.2.1.1.2, 11.2.1.4.2, 11.3.1.1.2 and 11.3.3.1.2 point back",
        "to 5.1.3, 5.1.4 and 5.1.6. Each clause is a test of that number in `tests/journeys/test_en_301_549.py`, and is",
        "held by those named too. Nothing has been tried on a real keypad or by people who need it:",
        "[what there is not](../explanation/accessibility.md#what-there-is-not).",
        "",
        "| Clause | Asks | How it is met | Held by |",
        "|---|---|---|---|",
    ]
    for clause in CLAUSES:
        held = ["its own check"] if clause.software else ["mounting"]
        held += [f"`{name.partition('::')[2]}`" for name in clause.by]
        lines.append(f"| {clause.number} | {clause.asks} | {clause.met} | {', '.join(held)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(report(), end="")

"""Keys of the window's keyboard by their names in config.access: a keypad on USB types like a keyboard."""

from PySide6.QtCore import Qt

_NAMES = {
    "Up": "UP",
    "Down": "DOWN",
    "Left": "LEFT",
    "Right": "RIGHT",
    "Return": "ENTER",
    "Enter": "KPENTER",
    "Space": "SPACE",
    "Tab": "TAB",
    "Escape": "ESC",
    "Backspace": "BACKSPACE",
    "Home": "HOME",
    "End": "END",
    "PageUp": "PAGEUP",
    "PageDown": "PAGEDOWN",
    "Select": "SELECT",
    "VolumeMute": "MUTE",
    "Pause": "PAUSE",
    "VolumeUp": "VOLUMEUP",
    "VolumeDown": "VOLUMEDOWN",
    "MediaPlay": "PLAYPAUSE",
    "MediaTogglePlayPause": "PLAYPAUSE",
    "MediaStop": "STOPCD",
    **{f"F{n}": f"F{n}" for n in range(1, 25)},
    **{letter: letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"},
}
NAMES: dict[int, str] = {
    getattr(Qt.Key, f"Key_{ours}").value: name for ours, name in _NAMES.items()
}
"""Qt's number of a key -> its name."""

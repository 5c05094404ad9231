"""IEC 61131-3 Structured Text, the part that docs/plc/belt.st uses: read, checked, and run.

Stricter than a PLC's compiler: every name must be declared before it is used, in one spelling; both sides of an
operator and of an assignment must be of one type; a number that does not fit its type ends the run with the line. So the
reference program relies on no conversion and on no wrapping that another maker does otherwise.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

RANGE = {"UINT": (0, 0xFFFF), "UDINT": (0, 0xFFFFFFFF)}
KEYWORDS = {"PROGRAM", "END_PROGRAM", "FUNCTION", "END_FUNCTION", "FUNCTION_BLOCK", "END_FUNCTION_BLOCK", "VAR", "VAR_INPUT", "VAR_GLOBAL", "CONSTANT", "RETAIN", "END_VAR", "TYPE", "END_TYPE", "STRUCT", "END_STRUCT", "ARRAY", "OF", "IF", "THEN", "ELSIF", "ELSE", "END_IF", "CASE", "END_CASE", "FOR", "TO", "DO", "END_FOR", "RETURN", "AND", "OR", "NOT", "MOD", "TRUE", "FALSE"}  # fmt: skip
RESERVED = KEYWORDS | {"AT", "BIT", "BY", "EXIT", "WHILE", "REPEAT", "UNTIL", "XOR", "WORD", "INT", "DINT", "TIME", "BOOL", "UINT", "UDINT", "R_EDGE", "F_EDGE", "ON", "STEP", "ACTION", "TASK", "WITH", "READ_ONLY"}  # fmt: skip
CONVERSIONS = {"UINT_TO_UDINT": ("UINT", "UDINT"), "UDINT_TO_UINT": ("UDINT", "UINT")}
TOKEN = re.compile(
    r"(?P<skip>\s+|\(\*.*?\*\))|(?P<number>\d+)|(?P<word>[A-Za-z_]\w*)|(?P<sign>:=|\.\.|<=|>=|<>|[-+*/=<>()\[\],;:.])",
    re.DOTALL,
)


class Wrong(Exception):
    """The text is not what it should be; says the line and why."""


@dataclass(frozen=True)
class Array:
    first: int
    last: int
    of: str


Type = str | Array


@dataclass
class Unit:
    """A program, function or function block: what it declares, and its body as Python."""

    kind: str
    name: str
    inputs: dict[str, Type] = field(default_factory=dict)
    names: dict[str, Type] = field(default_factory=dict)
    first: dict[str, Any] = field(default_factory=dict)
    gives: str = ""
    code: str = ""


class Reader:
    """One pass: names are declared before they are used, as in the text."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str, int]] = []
        line, at = 1, 0
        while at < len(text):
            found = TOKEN.match(text, at)
            if found is None:
                raise Wrong(f"line {line}: {text[at]!r} is no Structured Text")
            if found.lastgroup != "skip":
                self.tokens.append((str(found.lastgroup), found[0], line))
            line += found[0].count("\n")
            at = found.end()
        self.tokens.append(("end", "", line))
        self.at = 0
        self.globals: dict[str, Type] = {}
        self.first: dict[str, Any] = {}
        self.constants: dict[str, int] = {}
        self.structs: dict[str, dict[str, str]] = {}
        self.units: dict[str, Unit] = {}
        self.used: set[str] = set()
        self.assigned: set[str] = set()
        self.awaited: dict[str, str] = {}
        self.unit = Unit("", "")
        self._spelled: dict[str, str] = {}
        self._out: list[str] = []
        self._depth = 0
        while self.token[0] != "end":
            self.declaration()
        missing = {t for t in self.awaited.values() if t not in self.units}
        if missing:
            raise Wrong(f"{missing} are not declared")

    # --- tokens ---

    @property
    def token(self) -> tuple[str, str, int]:
        return self.tokens[self.at]

    @property
    def word(self) -> str:
        return self.token[1]

    def wrong(self, why: str) -> Wrong:
        return Wrong(f"line {self.token[2]}: {why}, at {self.word!r}")

    def eat(self, *words: str) -> str:
        if words and self.word not in words:
            raise self.wrong(f"{' or '.join(words)} is missing")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def try_eat(self, word: str) -> bool:
        if self.word == word:
            self.at += 1
            return True
        return False

    def name(self) -> str:
        kind, word, _ = self.token
        if kind != "word" or word.upper() in RESERVED:
            raise self.wrong("a name is missing")
        before = self._spelled.setdefault(word.lower(), word)
        if before != word:
            raise self.wrong(f"spelled {before} elsewhere")
        return self.eat()

    def number(self) -> int:
        if self.token[0] == "number":
            return int(self.eat())
        word = self.name()
        if word not in self.constants:
            raise self.wrong(f"{word} is no constant")
        self.used.add(word)
        return self.constants[word]

    # --- declarations ---

    def declaration(self) -> None:
        match self.word:
            case "VAR_GLOBAL":
                self.var_global()
            case "TYPE":
                self.type_block()
            case "FUNCTION" | "FUNCTION_BLOCK" | "PROGRAM":
                self.read_unit()
            case _:
                raise self.wrong("a declaration is missing")

    def var_global(self) -> None:
        self.eat("VAR_GLOBAL")
        constant = self.try_eat("CONSTANT")
        self.try_eat("RETAIN")
        while not self.try_eat("END_VAR"):
            name, type_, first = self.one_var()
            if name in self.globals:
                raise self.wrong(f"{name} is declared twice")
            self.globals[name] = type_
            self.first[name] = first
            if constant:
                self.constants[name] = first

    def one_var(self) -> tuple[str, Type, Any]:
        name = self.name()
        self.eat(":")
        type_ = self.read_type()
        first: Any = self.blank(type_)
        if self.try_eat(":="):
            if isinstance(type_, Array):
                self.eat("[")
                first = [self.number()]
                while self.try_eat(","):
                    first.append(self.number())
                self.eat("]")
                if len(first) != type_.last - type_.first + 1:
                    raise self.wrong(f"{name} has {len(first)} values")
                first = [0] * type_.first + first
            else:
                first = self.number()
                low, high = RANGE[type_]
                if not low <= first <= high:
                    raise self.wrong(f"{first} is no {type_}")
        self.eat(";")
        return name, type_, first

    def read_type(self) -> Type:
        if self.try_eat("ARRAY"):
            self.eat("[")
            first = self.number()
            self.eat("..")
            last = self.number()
            self.eat("]")
            self.eat("OF")
            return Array(first, last, self.plain_type())
        return self.plain_type()

    def plain_type(self) -> str:
        if self.word in {"BOOL", "UINT", "UDINT"}:
            return self.eat()
        name = self.name()
        if name not in self.structs and name not in self.units:
            self.awaited[f"line {self.token[2]}"] = name
        return name

    def blank(self, type_: Type) -> Any:
        match type_:
            case Array(last=last, of=of):
                return [self.blank(of) for _ in range(last + 1)]
            case "BOOL":
                return False
            case "UINT" | "UDINT":
                return 0
            case str() if type_ in self.structs:
                return {name: self.blank(of) for name, of in self.structs[type_].items()}
            case _:
                return ("unit", type_)

    def type_block(self) -> None:
        self.eat("TYPE")
        while not self.try_eat("END_TYPE"):
            struct = self.name()
            self.eat(":")
            self.eat("STRUCT")
            fields: dict[str, str] = {}
            while not self.try_eat("END_STRUCT"):
                name = self.name()
                self.eat(":")
                fields[name] = self.plain_type()
                self.eat(";")
            self.eat(";")
            self.structs[struct] = fields

    def read_unit(self) -> None:
        kind = self.eat()
        self.unit = unit = Unit(kind, self.name())
        if kind == "FUNCTION":
            self.eat(":")
            unit.gives = self.plain_type()
            unit.names[unit.name], unit.first[unit.name] = unit.gives, self.blank(unit.gives)
        if unit.name in self.units:
            raise self.wrong(f"{unit.name} is declared twice")
        while self.word in {"VAR", "VAR_INPUT"}:
            inputs = self.eat() == "VAR_INPUT"
            while not self.try_eat("END_VAR"):
                name, type_, first = self.one_var()
                if name in unit.names:
                    raise self.wrong(f"{name} is declared twice")
                unit.names[name], unit.first[name] = type_, first
                if inputs:
                    unit.inputs[name] = type_
        self.units[unit.name] = unit
        self._out, self._depth = [], 1
        self.statements(f"END_{kind}")
        self.eat(f"END_{kind}")
        unit.code = "\n".join(["def body(G, L):", *(self._out or [" pass"])])

    # --- statements ---

    def put(self, line: str) -> None:
        self._out.append(" " * self._depth + line)

    def statements(self, *ends: str) -> None:
        began = len(self._out)
        while self.word not in ends:
            if self.token[0] == "end":
                raise self.wrong(f"{ends[0]} is missing")
            self.statement()
        if len(self._out) == began:
            self.put("pass")

    def block(self, *ends: str) -> None:
        self._depth += 1
        self.statements(*ends)
        self._depth -= 1

    def statement(self) -> None:
        match self.word:
            case ";":
                self.eat()
            case "RETURN":
                self.eat()
                self.eat(";")
                self.put("return")
            case "IF":
                self.if_statement()
            case "CASE":
                self.case_statement()
            case "FOR":
                self.for_statement()
            case _:
                self.assignment_or_call()

    def condition(self) -> str:
        code, type_ = self.expression()
        if type_ != "BOOL":
            raise self.wrong(f"a condition is {type_}")
        return code

    def if_statement(self) -> None:
        self.eat("IF")
        self.put(f"if {self.condition()}:")
        self.eat("THEN")
        self.block("ELSIF", "ELSE", "END_IF")
        while self.try_eat("ELSIF"):
            self.put(f"elif {self.condition()}:")
            self.eat("THEN")
            self.block("ELSIF", "ELSE", "END_IF")
        if self.try_eat("ELSE"):
            self.put("else:")
            self.block("END_IF")
        self.eat("END_IF")
        self.eat(";")

    def case_statement(self) -> None:
        self.eat("CASE")
        code, _ = self.expression()
        self.eat("OF")
        seen: set[int] = set()
        word = "if"
        while self.word not in {"ELSE", "END_CASE"}:
            labels = [self.number()]
            while self.try_eat(","):
                labels.append(self.number())
            if seen & set(labels):
                raise self.wrong("a label stands twice")
            seen |= set(labels)
            self.eat(":")
            self.put(f"{word} {code} in {tuple(labels)}:")
            word = "elif"
            self.case_body()
        if self.try_eat("ELSE"):
            self.put("else:")
            self.block("END_CASE")
        self.eat("END_CASE")
        self.eat(";")

    def case_body(self) -> None:
        """Statements up to the next label: a constant that is followed by a colon or a comma."""
        self._depth += 1
        began = len(self._out)
        while self.word not in {"ELSE", "END_CASE"} and self.tokens[self.at + 1][1] not in {":", ","}:  # fmt: skip
            self.statement()
        if len(self._out) == began:
            self.put("pass")
        self._depth -= 1

    def for_statement(self) -> None:
        self.eat("FOR")
        target, type_ = self.place()
        self.eat(":=")
        first = self.fitting(type_)
        self.eat("TO")
        last = self.fitting(type_)
        self.eat("DO")
        turn = f"_{self._depth}"
        self.put(f"for {turn} in range({first}, {last} + 1):")
        self._depth += 1
        self.put(f"{target} = {turn}")
        self.statements("END_FOR")
        self._depth -= 1
        self.eat("END_FOR")
        self.eat(";")

    def assignment_or_call(self) -> None:
        line = self.token[2]
        if self.tokens[self.at + 1][1] == "(":
            self.block_call()
        else:
            target, type_ = self.place(assigned=True)
            self.eat(":=")
            value = self.fitting(type_)
            if type_ in RANGE:
                low, high = RANGE[str(type_)]
                self.put(f"{target} = fit({value}, {low}, {high}, {line})")
            else:
                self.put(f"{target} = {value}")
        self.eat(";")

    def block_call(self) -> None:
        name = self.name()
        code, type_ = self.variable(name)
        if not isinstance(type_, str) or type_ not in self.units:
            raise self.wrong(f"{name} is no function block")
        self.put(f"{code}({', '.join(self.arguments(self.units[type_]))})")

    def arguments(self, unit: Unit) -> list[str]:
        self.eat("(")
        given: dict[str, str] = {}
        while not self.try_eat(")"):
            if self.tokens[self.at + 1][1] == ":=":
                name = self.name()
                self.eat(":=")
            else:
                name = list(unit.inputs)[len(given)]
            if name not in unit.inputs:
                raise self.wrong(f"{unit.name} takes no {name}")
            given[name] = self.fitting(unit.inputs[name])
            if self.word != ")":
                self.eat(",")
        if set(given) != set(unit.inputs):
            raise self.wrong(f"{unit.name} needs {set(unit.inputs) - set(given)}")
        return [f"{name}={code}" for name, code in given.items()]

    # --- expressions: (Python, type); a bare number is of type "" and fits any ---

    def fitting(self, type_: Type) -> str:
        code, found = self.expression()
        self.agree(type_, found)
        return code

    def agree(self, a: Type, b: Type) -> Type:
        if "" in {a, b} and (a or b) in {"UINT", "UDINT", ""}:
            return a or b
        if a != b:
            raise self.wrong(f"{a} and {b} do not go together")
        return a

    def expression(self) -> tuple[str, Type]:
        return self.chain(("OR",), lambda: self.chain(("AND",), self.comparison))

    def chain(
        self, words: tuple[str, ...], inner: Callable[[], tuple[str, Type]]
    ) -> tuple[str, Type]:
        code, type_ = inner()
        while self.word in words:
            operator = self.eat().lower()
            other, its = inner()
            if type_ != "BOOL" or its != "BOOL":
                raise self.wrong(f"{operator} wants BOOL on both sides")
            code = f"({code} {operator} {other})"
        return code, type_

    def comparison(self) -> tuple[str, Type]:
        code, type_ = self.sum()
        if self.word in {"=", "<>", "<", ">", "<=", ">="}:
            operator = {"=": "==", "<>": "!="}.get(self.word, self.word)
            self.eat()
            other, its = self.sum()
            self.agree(type_, its)
            return f"({code} {operator} {other})", "BOOL"
        return code, type_

    def sum(self) -> tuple[str, Type]:
        return self.arithmetic(("+", "-"), lambda: self.arithmetic(("*", "/", "MOD"), self.factor))

    def arithmetic(
        self, words: tuple[str, ...], inner: Callable[[], tuple[str, Type]]
    ) -> tuple[str, Type]:
        code, type_ = inner()
        while self.word in words:
            line = self.token[2]
            operator = {"/": "//", "MOD": "%"}.get(self.word, self.word)
            self.eat()
            other, its = inner()
            type_ = self.agree(type_, its)
            code = f"({code} {operator} {other})"
            if type_ in RANGE:
                code = f"fit({code}, {RANGE[str(type_)][0]}, {RANGE[str(type_)][1]}, {line})"
        return code, type_

    def factor(self) -> tuple[str, Type]:
        if self.try_eat("NOT"):
            code, type_ = self.factor()
            if type_ != "BOOL":
                raise self.wrong("NOT wants BOOL")
            return f"(not {code})", type_
        if self.try_eat("("):
            inner = self.expression()
            self.eat(")")
            return inner
        if self.word in {"TRUE", "FALSE"}:
            return self.eat().capitalize(), "BOOL"
        if self.token[0] == "number":
            return self.eat(), ""
        if self.tokens[self.at + 1][1] == "(":
            return self.function_call()
        return self.place()

    def function_call(self) -> tuple[str, Type]:
        name = self.eat()
        if name in CONVERSIONS:
            takes, gives = CONVERSIONS[name]
            self.eat("(")
            code = self.fitting(takes)
            self.eat(")")
            low, high = RANGE[gives]
            return f"fit({code}, {low}, {high}, {self.token[2]})", gives
        unit = self.units.get(name)
        if unit is None or unit.kind != "FUNCTION":
            raise self.wrong(f"{name} is no function")
        return f"G[{name!r}]({', '.join(self.arguments(unit))})", unit.gives

    def variable(self, name: str) -> tuple[str, Type]:
        if name in self.unit.names:
            return f"L[{name!r}]", self.unit.names[name]
        if name in self.globals:
            self.used.add(name)
            if name in self.constants:
                return str(self.constants[name]), self.globals[name]
            return f"G[{name!r}]", self.globals[name]
        raise self.wrong(f"{name} is not declared")

    def place(self, *, assigned: bool = False) -> tuple[str, Type]:
        name = self.name()
        if assigned and (name in self.constants or name in self.unit.inputs):
            raise self.wrong(f"{name} cannot be assigned")
        if assigned:
            self.assigned.add(name)
        code, type_ = self.variable(name)
        while self.word in {"[", "."}:
            if self.try_eat("["):
                if not isinstance(type_, Array):
                    raise self.wrong(f"{name} is no array")
                line = self.token[2]
                index = self.fitting("UINT")
                self.eat("]")
                code = f"{code}[fit({index}, {type_.first}, {type_.last}, {line})]"
                type_ = type_.of
            else:
                self.eat(".")
                fields = self.structs.get(type_, {}) if isinstance(type_, str) else {}
                member = self.name()
                if member not in fields:
                    raise self.wrong(f"{name} has no {member}")
                code, type_ = f"{code}[{member!r}]", fields[member]
        return code, type_


read = lru_cache(maxsize=4)(Reader)


def fit(value: int, low: int, high: int, line: int) -> int:
    """The value, where it may be. Raises Wrong with the line."""
    if not low <= value <= high:
        raise Wrong(f"line {line}: {value} is not in {low}..{high}")
    return value


class Machine:
    """A program that runs: `scan()` is one cycle, `[name]` a global variable."""

    def __init__(self, text: str, program: str) -> None:
        self.read = read(text)
        self.memory: dict[str, Any] = {}
        for name, unit in self.read.units.items():
            if unit.kind == "FUNCTION":
                self.memory[name] = self._made(unit)
        for name, first in self.read.first.items():
            self.memory[name] = self._filled(first)
        self.scan = self._made(self.read.units[program])

    def __getitem__(self, name: str) -> Any:
        return self.memory[name]

    def __setitem__(self, name: str, value: Any) -> None:
        assert name in self.memory, name
        self.memory[name] = value

    def _filled(self, first: Any) -> Any:
        match first:
            case ("unit", str(name)):
                return self._made(self.read.units[name])
            case list():
                return [self._filled(one) for one in first]
            case dict():
                return dict(first)
            case _:
                return first

    def _made(self, unit: Unit) -> Callable[..., Any]:
        space: dict[str, Any] = {"fit": fit}
        exec(compile(unit.code, unit.name, "exec"), space)
        body, memory = space["body"], self.memory
        local = {name: self._filled(first) for name, first in unit.first.items()}

        def call(**given: Any) -> Any:
            local.update(given)
            body(memory, local)
            return local.get(unit.name)

        return call

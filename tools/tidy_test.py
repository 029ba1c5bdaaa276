#!/usr/bin/python3
"""Tests of tools/tidy: each rule finds what it is for and leaves its neighbours alone."""
import importlib.machinery
import importlib.util
import tempfile
import unittest
from pathlib import Path

loader = importlib.machinery.SourceFileLoader("tidy", str(Path(__file__).with_name("tidy")))
spec = importlib.util.spec_from_loader("tidy", loader)
tidy = importlib.util.module_from_spec(spec)
import sys  # noqa: E402  (dataclasses look their module up)

sys.modules["tidy"] = tidy
sys.dont_write_bytecode = True
loader.exec_module(tidy)


class Tree(unittest.TestCase):
    """A made-up source tree; findings are compared as 'file:line rule'."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def header(self, name, text=""):
        self.write(name, "#pragma once\n" + text)

    def findings(self):
        return [f"{f.path}:{f.line} {f.rule}" for f in tidy.Tidy(self.root).check()]


class Includes(Tree):
    def setUp(self):
        super().setUp()
        for name in ("base/bytes.h", "codec/json.h", "kv/engine.h", "kv/memory/memory.h", "kv/rocksdb/engine.h",
                     "history/store.h", "recovery/clone.h", "auth/key.h", "http/message.h", "dynamo/model/item.h",
                     "dynamo/api/wire.h", "dynamo/ops/put.h", "s3/ops/put.h", "admin/health.h", "server/main.h", "cli/run.h"):
            self.header("src/" + name)

    def includes(self, name, *targets):
        self.write("src/" + name, "".join(f'#include "{t}"\n' for t in targets))
        return [int(f.split(":")[1].split()[0]) for f in self.findings() if f.endswith(" include")]

    def test_a_room_sees_the_rooms_below_it(self):
        self.assertEqual(self.includes("history/a.cc", "base/bytes.h", "codec/json.h", "kv/engine.h"), [])

    def test_upwards_is_refused(self):
        self.assertEqual(self.includes("kv/a.cc", "base/bytes.h", "history/store.h"), [2])

    def test_dynamo_never_sees_the_engine(self):
        self.assertEqual(self.includes("dynamo/ops/a.cc", "history/store.h", "kv/engine.h"), [2])

    def test_dynamo_and_s3_never_see_each_other(self):
        self.assertEqual(self.includes("dynamo/ops/a.cc", "s3/ops/put.h"), [1])
        self.assertEqual(self.includes("s3/ops/b.cc", "dynamo/model/item.h"), [1, 1])

    def test_only_the_api_sees_http_and_auth(self):
        self.assertEqual(self.includes("dynamo/api/a.cc", "http/message.h", "auth/key.h"), [])
        self.assertEqual(self.includes("dynamo/ops/b.cc", "http/message.h", "auth/key.h"), [1, 2])

    def test_recovery_knows_neither_api(self):
        self.assertEqual(self.includes("recovery/a.cc", "dynamo/model/item.h", "s3/ops/put.h"), [1, 2])

    def test_base_leans_on_nothing(self):
        self.assertEqual(self.includes("base/a.cc", "codec/json.h"), [1])

    def test_engines_are_named_by_the_server_and_by_tests(self):
        self.assertEqual(self.includes("server/a.cc", "kv/rocksdb/engine.h"), [])
        self.assertEqual(self.includes("history/b_test.cc", "kv/memory/memory.h"), [])
        self.assertEqual(self.includes("dynamo/ops/c_test.cc", "kv/memory/memory.h", "kv/engine.h"), [])
        self.assertEqual(self.includes("history/d.cc", "kv/memory/memory.h"), [1])
        self.assertEqual(self.includes("auth/e_test.cc", "kv/memory/memory.h"), [1, 1])

    def test_cli_sees_the_model_alone(self):
        self.assertEqual(self.includes("cli/a.cc", "dynamo/model/item.h", "auth/key.h"), [])
        self.assertEqual(self.includes("cli/b.cc", "dynamo/ops/put.h"), [1])

    def test_the_program_starts_the_server_or_a_command(self):
        self.assertEqual(self.includes("main.cc", "server/main.h", "cli/run.h", "http/message.h"), [3])

    def test_what_does_not_exist(self):
        self.assertEqual(self.includes("kv/a.cc", "engine.h"), [1])

    def test_cycles_between_folders(self):
        self.header("src/dynamo/model/a.h", '#include "dynamo/ops/put.h"\n')
        self.header("src/dynamo/ops/b.h", '#include "dynamo/model/item.h"\n')
        self.assertEqual(self.findings(), ["src/dynamo/model/a.h:2 folder-cycle", "src/dynamo/ops/b.h:2 folder-cycle"])


class Libraries(Tree):
    def rule(self, name, text):
        self.write(name, text)
        return [f for f in self.findings() if f.endswith(" library")]

    def test_boost_in_http_sources_alone(self):
        self.assertEqual(self.rule("src/http/listener.cc", "#include <boost/asio.hpp>\n"), [])
        self.assertEqual(self.rule("src/http/listener.h", "#pragma once\n#include <boost/asio.hpp>\n"),
                         ["src/http/listener.h:2 library"])

    def test_rocksdb_in_its_engine_alone(self):
        self.assertEqual(self.rule("src/kv/rocksdb/engine.cc", "#include <rocksdb/db.h>\n"), [])
        self.assertEqual(len(self.rule("src/kv/memory/engine.cc", "#include <rocksdb/db.h>\n")), 1)

    def test_standard_and_posix_headers(self):
        self.assertEqual(self.rule("src/kv/a.cc", "#include <vector>\n#include <unistd.h>\n#include <sys/file.h>\n"), [])

    def test_unknown_library(self):
        self.assertEqual(self.rule("src/kv/a.cc", "#include <absl/hash.h>\n"), ["src/kv/a.cc:1 library"])


class Functions(unittest.TestCase):
    def found(self, code):
        return [(name, last - first + 1) for first, last, name in tidy.functions(tidy.strip_code(code))]

    def test_free_and_member_functions(self):
        self.assertEqual(self.found("namespace a {\nint f(int x) {\n  return x;\n}\nclass B {\n int g() const { return 1; }\n};\n}"),
                         [("f", 3), ("g", 1)])

    def test_constructor_with_a_list(self):
        self.assertEqual(self.found("A::A(int b)\n    : b_(b), c_{b} {\n  go();\n}\n"), [("A::A", 4)])
        self.assertEqual(self.found("A::A(int b) : c_{b}, d_{1} {\n}\nvoid f() {\n}\n"), [("A::A", 2), ("f", 2)])

    def test_blocks_and_lambdas_belong_to_their_function(self):
        self.assertEqual(self.found("void f() {\n  if (a) {\n    auto g = [] { return 1; };\n  }\n}\n"), [("f", 5)])

    def test_braces_in_strings_and_comments(self):
        self.assertEqual(self.found('void f() {\n  g("}{{");  // {{{\n  char c = \'{\';\n}\n'), [("f", 4)])

    def test_tables_are_no_functions(self):
        self.assertEqual(self.found("const int table[] = {1, 2};\nenum class A { b };\nstd::map<int, int> m{{1, 2}};\n"), [])

    def test_templates_and_trailing_types(self):
        self.assertEqual(self.found("template <class T>\nauto f(T t) -> int {\n}\ntemplate <>\nstruct S<int> {\n  void g() {}\n};\n"),
                         [("f", 3), ("g", 1)])

    def test_a_test_has_its_name(self):
        self.assertEqual(self.found("TEST(Suite, case_name) {\n}\n"), [("Suite.case_name", 2)])

    def test_digit_separators(self):
        self.assertEqual(self.found("void f() {\n  g(1'000'000);\n}\nvoid h() {}\n"), [("f", 3), ("h", 1)])


class Budgets(Tree):
    def long_function(self, lines):
        return "void f() {\n" + "  g();\n" * (lines - 2) + "}\n"

    def test_function_at_and_over_the_cap(self):
        self.write("src/kv/a.cc", self.long_function(tidy.FUNCTION_LINES))
        self.write("src/kv/b.cc", self.long_function(tidy.FUNCTION_LINES + 1))
        self.assertEqual(self.findings(), ["src/kv/b.cc:1 function-length"])

    def test_file_at_and_over_the_cap(self):
        self.write("src/kv/a.h", "// a\n#pragma once\n" + "int x();\n" * (tidy.HEADER_LINES - 2))
        self.write("src/kv/b.h", "// b\n#pragma once\n" + "int x();\n" * (tidy.HEADER_LINES - 1))
        self.assertEqual(self.findings(), ["src/kv/b.h:1 file-length"])

    def test_the_ratchet(self):
        self.write("src/kv/a.cc", self.long_function(80))
        self.write("tools/tidy_exceptions.txt", "src/kv/a.cc function-length 80 one table of states\n")
        self.assertEqual(self.findings(), [])
        self.write("src/kv/a.cc", self.long_function(81))
        self.assertEqual(self.findings(), ["src/kv/a.cc:1 function-length"])
        self.write("src/kv/a.cc", self.long_function(75))
        self.assertEqual(self.findings(), ["tools/tidy_exceptions.txt:1 exception"])
        self.write("src/kv/a.cc", self.long_function(7))
        self.assertEqual(self.findings(), ["tools/tidy_exceptions.txt:1 exception"])

    def test_an_exception_needs_a_reason(self):
        self.write("tools/tidy_exceptions.txt", "src/kv/a.cc function-length 80\n")
        with self.assertRaises(SystemExit):
            self.findings()


class Bans(Tree):
    def rules(self, name, text):
        self.write(name, text)
        return [f.split()[1] for f in self.findings()]

    def test_calls(self):
        self.assertEqual(self.rules("src/kv/a.cc", "int x = rand();\n"), ["rand"])
        self.assertEqual(self.rules("src/kv/a.cc", "auto t = std::chrono::system_clock::now();\n"), ["wall-clock"])
        self.assertEqual(self.rules("src/kv/a.cc", "std::cout << 1;\n"), ["cout"])
        self.assertEqual(self.rules("src/kv/a.cc", "throw 1;\n"), ["throw"])
        self.assertEqual(self.rules("src/kv/a.cc", "static_assert(true); ASSERT(x); operand(1); x.rand();\n"), [])

    def test_comments_and_strings_may_say_anything(self):
        self.assertEqual(self.rules("src/kv/a.cc", '// rand() and throw\nauto s = "std::cout";\n'), [])

    def test_rooms_where_they_belong(self):
        self.assertEqual(self.rules("src/base/clock.cc", "auto t = std::chrono::system_clock::now();\n"), [])

    def test_words(self):
        self.assertEqual(self.rules("src/kv/a.cc", "// TO" "DO: more\n"), ["unfinished"])
        self.assertEqual(self.rules("src/kv/a.cc", "// see /ro" "ot/x\n"), ["machine-path"])

    def test_links(self):
        self.write("docs/b.md", "[fine](a.md) [web](https://example.org/x) [part](#here)\n")
        self.assertEqual(self.rules("docs/a.md", "[fine](b.md#part)\n[broken](c.md)\n"), ["link"])

    def test_names(self):
        self.assertEqual(self.rules("src/kv/util.cc", ""), ["catch-all"])
        self.assertEqual(self.rules("src/kv/utilBelt.cc", ""), ["catch-all", "file-name"])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-q"] if len(sys.argv) == 1 else sys.argv)

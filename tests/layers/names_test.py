#!/usr/bin/env python3
"""What cmake/check_names.py finds, and what it leaves alone."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "cmake"))
from check_names import clashes


def source(*body, namespace="chalkstream"):
    return [f"namespace {namespace} {{", *body, "}"]


class names_test(unittest.TestCase):
    def found(self, **files):
        return list(clashes({path.replace("__", "/") + ".hpp": lines for path, lines in files.items()}))

    def test_a_type_that_is_defined_in_two_files_is_named_with_both(self):
        found = self.found(education__a=source("struct row {", "};"), pipelines__b=source("class row final : base {", "};"))
        self.assertEqual(found, ["chalkstream::row is defined 2 times: education/a.hpp:2, pipelines/b.hpp:2"])

    def test_other_namespaces_unnamed_ones_and_classes_keep_names_apart(self):
        self.assertEqual([], self.found(
            core__a=source("struct row {", "};"),
            core__b=source("struct row {", "};", namespace="chalkstream::models"),
            core__c=source("namespace {", "struct row {", "};", "}"),
            core__d=source("struct table {", "  struct row {", "  };", "};")))

    def test_declarations_and_parts_of_other_types_are_no_definitions(self):
        self.assertEqual([], self.found(
            core__a=source("struct row {", "};"), core__b=source("struct row;", "class row::cell {", "};")))

    def test_tests_of_two_folders_are_two_programs(self):
        row = source("struct row {", "};")
        self.assertEqual([], self.found(tests__core__a=row, tests__models__b=row))
        self.assertEqual(1, len(self.found(tests__core__a=row, tests__core__b=row)))
        self.assertEqual(1, len(self.found(tests__core__a=row, core__b=row)))


if __name__ == "__main__":
    unittest.main()

// tools/run_tests.py passes every file by name; a file that matches nothing below is a failure.
import js from "@eslint/js";
import globals from "globals";

const rules = {
  ...js.configs.recommended.rules,
  "no-undef": "error",
  "no-unused-vars": ["error", { args: "after-used" }],
  "no-var": "error",
  "prefer-const": "error",
  eqeqeq: "error",
  "no-implicit-globals": "error",
  "no-restricted-syntax": [
    "error",
    // Neither is rewritten to the hashed names under which static files are served
    { selector: "ExportNamedDeclaration[source]", message: "Import, then export by name." },
    { selector: "ExportAllDeclaration", message: "Import, then export by name." },
    { selector: "ImportExpression", message: "Use a plain import at the top of the file." },
    { selector: "CallExpression[callee.name='eval']", message: "The pages' policy forbids it." },
    {
      selector: "AssignmentExpression[left.property.name=/^(innerHTML|outerHTML)$/]",
      message: "Write text with textContent, elements with a <template>.",
    },
  ],
};
const catalog = { gettext: "readonly", ngettext: "readonly", interpolate: "readonly" };

export default [
  {
    files: ["static/js/**/*.js"],
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: "module",
      globals: { ...globals.browser, ...catalog, htmx: "readonly" },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules,
  },
  {
    files: ["static/js/**/*worker.js"],
    languageOptions: { globals: globals.worker },
  },
  {
    files: ["tests/js/**/*.js", "eslint.config.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.nodeBuiltin },
    rules,
  },
];

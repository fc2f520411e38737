// Builds the one vendored bundle: `npm ci && node build.mjs`, see README.md.
import { build } from "esbuild";

await build({
  entryPoints: ["editor.js"],
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "none",
  banner: { js: "/* CodeMirror 6 and Lezer, MIT licence: see LICENSE.codemirror.txt. Built by tools/vendor/codemirror/build.mjs. */" },
  outfile: process.argv[2] || "../../../cockpit/static/cockpit/vendor/codemirror.js",
});

// @ts-check
/** Loaded by every page: starts the shell and defines the islands. */

import * as dialog from "./dialog.js";
import * as fmt from "./fmt.js";
import * as keys from "./keys.js";
import * as shell from "./shell.js";
import * as theme from "./theme.js";
import * as toast from "./toast.js";
import "./live-state.js";
import "./live-part.js";
import "./live-table.js";
import "./live-diagram.js";
import "./log-view.js";
import "./plan-timeline.js";

fmt.start();
keys.start(fmt.flipZone);
for (const part of [theme, shell, dialog, toast]) part.start();

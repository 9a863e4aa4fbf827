// Everything works without scripts; these make it quicker. One module per behaviour.
import "./clocks.js";
import "./copying.js";
import "./drafting.js";
import "./inserting.js";
import "./keys.js";
import "./live.js";
import "./panes.js";
import "./rewording.js";

document.documentElement.classList.add("scripted");

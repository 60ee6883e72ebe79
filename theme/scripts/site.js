// @ts-check
/** What pages of more than one kind need, in one file that each reader loads once. The search has to be ready before the theme's script. */
import "./search.js";
import "./accessible.js";
import "./series.js";
import "./reply.js";
import "./facts.js";
import "./paste-later.js";

//! # shopfloor
//!
//! A full-screen terminal console for the people who install and run AI
//! factories: private GPU clouds of racks, a switched fabric, Ceph, OpenStack
//! and Kubernetes. This page is the map.
//!
//! ## The loop
//!
//! ```text
//!  keys, paste, resize -+
//!  probe answers        +->  Msg ->  update(&mut Model, Msg) ->  Vec<Effect> ->  runtime does them
//!  clock                |                    |                                        |
//!  results of effects   +                    v                                        |
//!        ^                   draw(&Model, &Look, Rect, &mut Buffer)                   |
//!        +----------------------- results come back as Msg ---------------------------+
//! ```
//!
//! [`app::update`] is the only writer of the model; it does no I/O and reads
//! no clock. [`ui::draw`] reads the model and writes cells, nothing else. Only
//! [`runtime`] waits, spawns tasks, touches the terminal and knows the time.
//! Messages are data: what happened can be recorded ([`runtime::recorder`])
//! and played into the same core again (`shopfloor replay`).
//!
//! ## The rooms
//!
//! | Room | What belongs there | What never does |
//! | --- | --- | --- |
//! | [`domain`] | nouns and pure rules | I/O, drawing, waiting |
//! | [`inventory`] | inventory files: parse, resolve, validate, edit, vault | network, drawing |
//! | [`transport`] | how a target is reached: SSH, HTTPS, local programs | any product |
//! | [`probes`] | looking: `ask` does I/O, `parse` does not | judging, changing |
//! | [`checks`] | judging: pure rules from facts to verdicts | asking, drawing |
//! | [`install`] | plans, conditions, the journal's format, the folds from journal to state | starting processes |
//! | [`runner`] | doing: runs, their pseudo-terminals, lease and journal | deciding what is allowed |
//! | [`logs`] | sources, index, filter, search, Ansible's grammar | drawing |
//! | [`console`] | sessions, emulator grids, scrollback, key encoding, prompts | layout |
//! | [`app`] | model, messages, effects, commands, screens' state | I/O, styles |
//! | [`ui`] | pure drawing, the look | changing anything, clocks |
//! | [`runtime`] | the loop, terminal, executor, schedule, recorder | product rules |
//! | [`cli`] | one file per subcommand | a second way to do what a room does |
//! | [`lab`] | the demo site | being used by anything but `main` and tests |
//!
//! "Where does this line go?" A noun: `domain`. Reach: `transport`. Look:
//! `probes`. Judge: `checks`. What a plan or a journal says: `install`. Change
//! the world: `runner`. Read a log: `logs`. Talk to a terminal: `console`.
//! React: `app`. Draw: `ui`. Touch the machine we run on: `runtime`. Read the
//! command line and print: `cli`. `tests/layering.rs` enforces the arrows.
//!
//! ## The words
//!
//! One word per idea, in code, on screens and in files: *site* (an inventory
//! and what belongs to it), *layer* (one of nine), *target* (a thing we can
//! ask), *probe* (asks; does not judge), *fact* (what a probe learned),
//! *check* (judges facts; pure), *verdict* (pass, warn, fail, unknown,
//! not-yet), *finding* (a verdict that something is wrong or unknown),
//! *cause* (why we could not look), *scenario* or *fault* (what the demo site
//! can be told to suffer), *look* (theme, glyphs and colours).
//!
//! ## Recipes
//!
//! **A probe.** Declare it in `domain/keys/<layer>.rs` with its cadence, and
//! its keys (name, unit, meaning, source) in a block that the file's `LAYER`
//! names; a new layer is one line of the registry in `domain/keys/mod.rs`. Write `probes/<layer>/<name>.rs`: an `ask` that returns
//! an [`domain::Answer`] on every path, and a pure `parse` with recorded
//! output under `tests/fixtures/`. Give its layout to the registry in
//! `probes/mod.rs`. Let the lab answer it.
//!
//! **A documented command.** Where the vendor documents a command, the probe is
//! a section of a script: `probes/documented` has the places, the way there and
//! an example. Give the layer's scripts to the registry of that folder, and let
//! the lab answer them in `lab/answers/<system>.rs`.
//!
//! **A check.** Write its record in `assets/checks/<layer>.yml` (what, rule,
//! source, next steps, thresholds) and its rule in `checks/<layer>/`, on the
//! scaffold that turns missing facts into `unknown`. Give it to the registry
//! in `checks/mod.rs`. Add a row to the table of faults, `tests/faults/table.rs`.
//!
//! **A screen.** State and reaction in `app/screens/<name>.rs` with one entry
//! in the registry of `app/screens/mod.rs`; drawing in `ui/screens/<name>.rs`
//! with one arm in `drawing` of `ui/screens/mod.rs`, and its place in
//! `app/areas.rs` where one list is not enough. Palette, help, tabs and tests
//! walk the registry.
//!
//! **A plan step.** A record in a file of `assets/plans/` with an id of the
//! procedure, its one kind, what it needs and what proves it done
//! (`docs/plans.md`); a new file is one line of `install/plan/built_in.rs`. The
//! code interprets it and no step has code of its own. `shopfloor plan check`
//! says what is wrong with it.
#![deny(unsafe_code, missing_docs, rustdoc::broken_intra_doc_links)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![deny(clippy::todo, clippy::unimplemented, clippy::dbg_macro, clippy::print_stderr)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

pub mod app;
pub mod checks;
pub mod cli;
pub mod console;
pub mod domain;
pub mod install;
pub mod inventory;
pub mod lab;
pub mod logs;
pub mod probes;
pub mod runner;
pub mod runtime;
pub mod transport;
pub mod ui;

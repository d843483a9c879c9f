//! The pictures of the README: the demo site with a dead leaf, drawn from
//! answers that were kept of it, compared byte by byte.
//!
//! ```text
//! SHOPFLOOR_KEEP_ANSWERS=1 cargo test --test pictures   # ask the demo site again and keep its answers
//! SHOPFLOOR_DRAW_PICTURES=1 cargo test --test pictures  # write the pictures anew
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use shopfloor::app::model::Start;
use shopfloor::app::{Input, Key, KeyName, Model, Msg, Route, Size, update};
use shopfloor::checks::Catalogue;
use shopfloor::domain::faults::FaultLab;
use shopfloor::domain::{Answer, ProbeId, Site, Stamp};
use shopfloor::lab::{DemoOptions, DemoSite};
use shopfloor::probes::{Reach, probes_of};
use shopfloor::runtime::player::picture_of;
use shopfloor::ui::look::{Look, LookChoice, LookEnv};
use shopfloor::ui::picture;

#[path = "demo/looking.rs"]
mod looking;

/// What stands in front of the demo site, in `tests/fixtures/demo/leaf-dead.json.gz`.
#[derive(Serialize, Deserialize)]
struct Kept {
    site: Site,
    /// Every probe's answer while all was well.
    well: Vec<KeptAnswer>,
    /// Every probe's answer with `leaf-dead` in force.
    broken: Vec<KeptAnswer>,
}

#[derive(Serialize, Deserialize)]
struct KeptAnswer {
    probe: ProbeId,
    answer: Answer,
    at: Stamp,
    took_ms: u64,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn kept_file() -> PathBuf {
    root().join("tests/fixtures/demo/leaf-dead.json.gz")
}

fn kept() -> Kept {
    let file = std::fs::File::open(kept_file()).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn now() -> Stamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Stamp(i64::try_from(since.as_millis()).unwrap())
}

async fn ask_all(site: &Site, reach: &Arc<Reach>) -> Vec<KeptAnswer> {
    let probes = probes_of(site);
    probes.iter().for_each(|probe| probe.is_due());
    let asks = probes.into_iter().map(|probe| {
        let reach = Arc::clone(reach);
        tokio::spawn(async move {
            let begun = Instant::now();
            let answer = probe.ask(&reach).await;
            let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap();
            KeptAnswer { probe: probe.id().clone(), answer, at: now(), took_ms }
        })
    });
    let mut answers = Vec::new();
    for ask in asks.collect::<Vec<_>>() {
        answers.push(ask.await.unwrap());
    }
    answers.sort_by(|a, b| (a.at, &a.probe).cmp(&(b.at, &b.probe)));
    answers
}

/// Asks the demo site, well and with a dead leaf, and keeps what it answers.
async fn keep_answers() {
    let demo = DemoSite::start(DemoOptions { seed: 7, ..DemoOptions::default() }).await.unwrap();
    let (mut site, reach) = looking::open(&demo);
    let reach = Arc::new(reach);
    let well = ask_all(&site, &reach).await;
    demo.inject("leaf-dead".into()).await.unwrap();
    let broken = ask_all(&site, &reach).await;
    site.is_demo = true;
    // The directory of the run is of no interest, and another one each time.
    let text = serde_json::to_string(&Kept { site, well, broken }).unwrap();
    let text = text.replace(demo.directory().to_str().unwrap(), "demo");
    // Neither a time nor a name is in the head of the file.
    std::fs::create_dir_all(kept_file().parent().unwrap()).unwrap();
    let file = std::fs::File::create(kept_file()).unwrap();
    let mut packed = flate2::GzBuilder::new().write(file, flate2::Compression::best());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap();
}

/// The site as the product knows it a little after the leaf died.
fn model(kept: Kept) -> Model {
    let (catalogue, faults) = Catalogue::load(&[], &Default::default());
    assert!(faults.is_empty(), "{faults:?}");
    let first = kept.well.iter().map(|answer| answer.at).min().unwrap();
    let last = kept.broken.iter().map(|answer| answer.at).max().unwrap();
    let mut model = Model::new(Start { now: first, size: Size::new(160, 48), ..Start::default() });
    update(&mut model, Msg::SiteLoaded(Box::new(kept.site), Box::new(catalogue)));
    for KeptAnswer { probe, answer, at, took_ms } in kept.well.into_iter().chain(kept.broken) {
        update(&mut model, Msg::Clock(at));
        update(&mut model, Msg::Asked(probe.clone(), at));
        update(&mut model, Msg::Answered(probe, answer, at, took_ms));
    }
    update(&mut model, Msg::Clock(last.plus_millis(9_000)));
    model
}

fn press(model: &mut Model, key: Key) {
    update(model, Msg::Input(Input::Key(key)));
}

fn look() -> Look {
    let wanted = LookChoice::from_words("dark unicode true");
    Look::choose(&LookEnv { wanted, ..LookEnv::default() }).look
}

/// Compares a screen with its picture, or writes it when asked to.
fn compare(model: &Model, name: &str, title: &str) {
    let look = look();
    let drawn = picture::svg(&picture_of(model, &look, 160, 48), &look, title);
    let path = root().join("docs/pictures").join(name);
    if std::env::var_os("SHOPFLOOR_DRAW_PICTURES").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &drawn).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == drawn,
        "{} shows another screen than the product draws; SHOPFLOOR_DRAW_PICTURES=1 cargo test \
         --test pictures writes it anew",
        Path::new("docs/pictures").join(name).display()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pictures_of_the_readme_show_what_the_product_draws() {
    if std::env::var_os("SHOPFLOOR_KEEP_ANSWERS").is_some() {
        keep_answers().await;
    }
    let mut model = model(kept());
    press(&mut model, Key::plain(KeyName::Tab));
    compare(&model, "overview.svg", "shopfloor, Overview: the demo site with a dead leaf");
    let text = picture::screen_text(&picture_of(&model, &look(), 160, 48)).join("\n");
    assert!(text.contains("12 hosts have a leg down, all at leaf-02: gpu-01..gpu-12"), "{text}");
    model.navigation.go(Route::screen("rack"));
    for _ in 0..5 {
        press(&mut model, Key::char('j'));
    }
    compare(&model, "rack.svg", "shopfloor, Rack: the same site");
}

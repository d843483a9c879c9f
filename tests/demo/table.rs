//! One table: a fault, and exactly the checks that turn with what they say.
//! The real probes look over the real transports; the real rules judge.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::{StreamExt, stream};
use shopfloor::checks::{self, Catalogue, CheckSpec};
use shopfloor::domain::faults::FaultLab;
use shopfloor::domain::{FactStore, Judgement, Site, Stamp, Verdict};
use shopfloor::lab::{DemoOptions, DemoSite};
use shopfloor::probes;

use super::looking;

/// Everything that is judged, by check and target.
type Judged = BTreeMap<(String, String), Judgement>;

fn now() -> Stamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Stamp(i64::try_from(since.as_millis()).unwrap())
}

fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    for file in std::fs::read_dir("assets/checks").unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let specs: Vec<CheckSpec> = serde_yaml::from_str(&text).unwrap();
        catalogue.checks.extend(specs.into_iter().map(|spec| (spec.id.to_string(), spec)));
    }
    catalogue
}

/// Looks once at everything and judges it, as `check` does.
async fn look(site: &Site, reach: &probes::Reach, catalogue: &Catalogue) -> Judged {
    let probes = probes::probes_of(site);
    let asks = probes.iter().map(|probe| async move {
        let begun = Instant::now();
        let answer = tokio::time::timeout(probe.spec().timeout, probe.ask(reach)).await;
        let answer = answer.unwrap_or_else(|_| panic!("{} never ended", probe.id()));
        (probe.id().clone(), answer, u64::try_from(begun.elapsed().as_millis()).unwrap())
    });
    let mut facts = FactStore::default();
    let mut answers = stream::iter(asks).buffer_unordered(48);
    while let Some((probe, answer, took_ms)) = answers.next().await {
        facts.asked(&probe, now());
        facts.take(&probe, answer, now(), took_ms);
    }
    let at = now();
    site.targets
        .iter()
        .flat_map(|target| checks::judge_target(catalogue, site, &facts, &target.id, at))
        .map(|judged| ((judged.check.to_string(), judged.target.to_string()), judged))
        .collect()
}

/// What a fault turns: the check, the targets, the verdict, and words of the sentence.
struct Turned {
    check: &'static str,
    targets: Vec<String>,
    verdict: Verdict,
    says: &'static str,
}

fn turned(check: &'static str, target: &str, verdict: Verdict, says: &'static str) -> Turned {
    Turned { check, targets: vec![target.to_owned()], verdict, says }
}

fn gpus(range: std::ops::RangeInclusive<u8>) -> Vec<String> {
    range.map(|n| format!("gpu-{n:02}")).collect()
}

/// Names of the ids that differ, with what they say.
fn difference(before: &Judged, after: &Judged) -> Vec<(String, String, Verdict, String)> {
    after
        .iter()
        .filter(|(id, judged)| before.get(*id).is_none_or(|was| was.verdict != judged.verdict))
        .map(|((check, target), judged)| {
            (check.clone(), target.clone(), judged.verdict, judged.sentence.clone())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn tmp_show() {
    let demo = DemoSite::start(DemoOptions { seed: 1, ..DemoOptions::default() }).await.unwrap();
    let ((site, reach), catalogue) = (looking::open(&demo), catalogue());
    let begun = Instant::now();
    let well = look(&site, &reach, &catalogue).await;
    println!("well took {:?}", begun.elapsed());
    let mut count: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for ((check, target), judged) in &well {
        *count.entry((check.clone(), judged.verdict.word())).or_default() += 1;
        if judged.verdict != Verdict::Pass {
            println!("{check} {target} {} {}", judged.verdict, judged.sentence);
        }
    }
    println!("{count:?}");
    for fault in demo.list().await.unwrap() {
        if fault.name == "well" {
            continue;
        }
        demo.inject(fault.name.clone()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let begun = Instant::now();
        let seen = look(&site, &reach, &catalogue).await;
        println!("== {} ({:?})", fault.name, begun.elapsed());
        for (check, target, verdict, sentence) in difference(&well, &seen) {
            println!("   {check} {target} {verdict}: {sentence}");
        }
        demo.heal(fault.name.clone()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

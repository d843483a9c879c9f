//! Where we are, and the way back and forth.

use serde::{Deserialize, Serialize};

use super::plans::StepRef;
use crate::domain::{CheckId, KeyName, TargetId};

/// How many places are remembered in each direction.
const REMEMBERED: usize = 50;

/// A place one can be at: a screen, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Id of the screen.
    pub screen: String,
    /// The target a target page is about, or of which the finding is that a help page explains.
    pub target: Option<TargetId>,
    /// The check a help page explains.
    pub check: Option<CheckId>,
    /// The fact of the target whose items are listed.
    #[serde(default)]
    pub fact: Option<KeyName>,
    /// The run a run's page is about.
    #[serde(default)]
    pub run: Option<u64>,
    /// The step a step's page is about.
    #[serde(default)]
    pub step: Option<StepRef>,
}

impl Route {
    /// A screen that is about the whole site.
    pub fn screen(id: &str) -> Route {
        Route {
            screen: id.to_owned(),
            target: None,
            check: None,
            fact: None,
            run: None,
            step: None,
        }
    }

    /// The page of a target.
    pub fn target(id: TargetId) -> Route {
        Route { target: Some(id), ..Route::screen("target") }
    }

    /// The page of a run.
    pub fn run(run: u64) -> Route {
        Route { run: Some(run), ..Route::screen("run") }
    }

    /// The page of a step of a plan.
    pub fn step(step: StepRef) -> Route {
        Route { step: Some(step), ..Route::screen("step") }
    }

    /// The explanation of a check.
    pub fn check(id: CheckId) -> Route {
        Route { check: Some(id), ..Route::screen("code") }
    }
}

impl Route {
    /// The explanation of a check, with what it found on that target first.
    pub fn finding(check: CheckId, target: TargetId) -> Route {
        Route { target: Some(target), ..Route::check(check) }
    }

    /// The items of a fact of a target.
    pub fn fact(target: TargetId, key: KeyName) -> Route {
        Route { target: Some(target), fact: Some(key), ..Route::screen("fact") }
    }
}

/// Here, behind and ahead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Navigation {
    /// Where we are.
    pub here: Route,
    /// Where we were, the latest last.
    pub back: Vec<Route>,
    /// Where we went back from, the next one last.
    pub forward: Vec<Route>,
}

impl Navigation {
    /// Nothing behind, nothing ahead.
    pub fn starting_at(here: Route) -> Navigation {
        Navigation { here, back: Vec::new(), forward: Vec::new() }
    }

    /// Goes somewhere; going where we are is not a step.
    pub fn go(&mut self, to: Route) {
        if to == self.here {
            return;
        }
        self.forward.clear();
        push(&mut self.back, std::mem::replace(&mut self.here, to));
    }

    /// Goes back; `false` when there is nothing behind.
    pub fn go_back(&mut self) -> bool {
        let Some(to) = self.back.pop() else { return false };
        push(&mut self.forward, std::mem::replace(&mut self.here, to));
        true
    }

    /// Goes forward again; `false` when there is nothing ahead.
    pub fn go_forward(&mut self) -> bool {
        let Some(to) = self.forward.pop() else { return false };
        push(&mut self.back, std::mem::replace(&mut self.here, to));
        true
    }
}

fn push(places: &mut Vec<Route>, place: Route) {
    if places.len() == REMEMBERED {
        places.remove(0);
    }
    places.push(place);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_and_forward_walk_the_same_way() {
        let mut nav = Navigation::starting_at(Route::screen("overview"));
        nav.go(Route::screen("rack"));
        nav.go(Route::screen("rack"));
        nav.go(Route::target("gpu-07".into()));
        assert!(nav.go_back());
        assert_eq!(nav.here, Route::screen("rack"));
        assert!(nav.go_back());
        assert!(!nav.go_back());
        assert!(nav.go_forward() && nav.go_forward());
        assert_eq!(nav.here, Route::target("gpu-07".into()));
        nav.go_back();
        nav.go(Route::screen("help"));
        assert!(!nav.go_forward());
    }

    #[test]
    fn the_way_back_is_bounded() {
        let mut nav = Navigation::starting_at(Route::screen("overview"));
        for n in 0..500 {
            nav.go(Route::target(format!("gpu-{n}").into()));
        }
        assert_eq!(nav.back.len(), REMEMBERED);
    }
}

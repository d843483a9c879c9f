//! Rules about links, bonds and the clock.

use super::*;

#[test]
fn network_rules() {
    let c = |rows: &[[&str; 9]]| World::of(Control).learn(keys::LINKS, links(rows));
    let trunk = ["physical0", "UP", "", "", "", "", "", "", "no"];
    let front = ["frontend0", "UP", "vlan", "101", "physical0", "", "", "10.30.0.101/16", "no"];
    let prov = ["provisioning0", "UP", "vlan", "102", "physical0", "", "", "", "no"];
    c(&[trunk, front]).says("HOST-10", Fail, "on m-01 provisioning0 is missing");
    c(&[front, prov]).says("HOST-10", Fail, "on m-01 physical0 is missing");
    let down = ["physical0", "DOWN", "", "", "", "", "", "", "no"];
    c(&[down, front, prov]).says("HOST-10", Fail, "on m-01 physical0 is DOWN");
    let wrong = ["provisioning0", "UP", "vlan", "103", "physical0", "", "", "", "no"];
    c(&[trunk, front, wrong]).says("HOST-10", Fail, "on m-01 provisioning0 has VLAN 103, not 102");
    let other = ["provisioning0", "UP", "vlan", "102", "eth9", "", "", "", "no"];
    c(&[trunk, front, other]).says(
        "HOST-10",
        Fail,
        "on m-01 provisioning0 lies on eth9, not on physical0",
    );
    let bare = ["frontend0", "UP", "vlan", "101", "physical0", "", "", "fe80::1/64", "no"];
    c(&[trunk, bare, prov]).says("HOST-56", Fail, "frontend0 of m-01 has no address");
    let moved = ["frontend0", "UP", "vlan", "101", "physical0", "", "", "10.30.0.9/16", "no"];
    c(&[trunk, moved, prov]).says(
        "HOST-56",
        Fail,
        "frontend0 of m-01 has not the planned address 10.30.0.101",
    );
    let r = |rows: &[[&str; 4]]| World::of(Control).learn(keys::ROUTES, routes(rows));
    r(&[]).says("HOST-11", Fail, "m-01 has no default route");
    r(&[["1.1.1.1", "frontend0", "200", ""], ["2.2.2.2", "provisioning0", "100", ""]]).says(
        "HOST-11",
        Fail,
        "m-01 goes out through provisioning0, not frontend0",
    );
}

#[test]
fn bond_rules_on_router_and_hosts() {
    let bonded = |role, mode, mii, partner, rows: &[[&str; 5]]| {
        World::of(role)
            .learn(keys::BONDS, bond(mode, mii, partner))
            .learn(keys::BOND_MEMBERS, members(rows))
    };
    for (role, code) in [(RouterVm, "BOND-01"), (Compute, "BOND-50")] {
        let lacp = |rows: &[[&str; 5]]| bonded(role, LACP, "up", LEAF, rows);
        let up = ["eth2", "up", "1", "none", "none"];
        lacp(&[up, ["eth3", "down", "2", "churned", "churned"]]).says(
            code,
            Warn,
            "bond0 of m-01 has lost eth3: 1 of 2 members left",
        );
        lacp(&[up, ["eth3", "up", "1", "none", "churned"]]).says(
            code,
            Fail,
            "eth3 in bond0 of m-01 is churned",
        );
        lacp(&[up, ["eth3", "up", "1", "monitoring", "none"]]).says(
            code,
            Warn,
            "LACP of bond0 on m-01 is still settling on eth3",
        );
        lacp(&[up, ["eth3", "up", "2", "none", "none"]]).says(
            code,
            Warn,
            "the members of bond0 on m-01 are in different aggregators",
        );
        lacp(&[["eth2", "down", "1", "", ""], ["eth3", "down", "2", "", ""]]).says(
            code,
            Fail,
            "bond0 of m-01 is down: no member has a link",
        );
        bonded(role, LACP, "up", "00:00:00:00:00:00", &[up]).says(
            code,
            Fail,
            "nobody speaks LACP with bond0 of m-01 (partner MAC all zeros)",
        );
        let backup = "fault-tolerance (active-backup)";
        bonded(role, backup, "up", "", &[["a", "up", "", "", ""], ["b", "up", "", "", ""]]).says(
            code,
            Pass,
            "bond0 of m-01 has all its 2 members",
        );
    }
    let one_dead = bonded(
        Compute,
        LACP,
        "up",
        LEAF,
        &[["eth2", "up", "1", "none", "none"], ["eth3", "down", "2", "churned", "churned"]],
    );
    // Nobody says where the cable ends: then how to find out comes first.
    let told = one_dead.judge("BOND-50");
    assert!(told.points_at.is_none() && told.next[0].contains("follow the cable"), "{told:?}");
    let told = one_dead.with_cable("eth3", "leaf-02 E1/7").judge("BOND-50");
    assert_eq!(
        told.sentence,
        "bond0 of m-01 has lost eth3: 1 of 2 members left; the cable ends at leaf-02"
    );
    assert_eq!(told.points_at.as_deref(), Some("leaf-02"));
    assert!(told.next[0].contains("`:leaf-02` and then c"), "{:?}", told.next);
    assert!(told.next[1].contains("at leaf-02 E1/7"), "{:?}", told.next);
    assert!(told.evidence.iter().any(|e| e.shown.ends_with("its cable ends at leaf-02 E1/7")));
    let none = |role| {
        World::of(role)
            .learn(keys::BONDS, table(&["name"], &[]))
            .learn(keys::BOND_MEMBERS, table(&["bond"], &[]))
    };
    none(RouterVm).says("BOND-01", Fail, "m-01 has no bond towards the switches");
    none(Compute).says("BOND-50", NotYet, "m-01 has no bonded interface");
    let lossy = |loss| World::of(RouterVm).learn(keys::GATEWAY_LOSS, loss);
    lossy(100.0).says("BOND-02", Fail, "m-01 does not reach the fabric's gateway 10.30.0.2");
    lossy(33.3).says(
        "BOND-02",
        Warn,
        "m-01 loses 33 % of its packets to the fabric's gateway 10.30.0.2",
    );
}

#[test]
fn clock_rules() {
    let c = |offset| World::of(Compute).learn(keys::CLOCK_OFFSET, offset);
    c(0.049).says("HOST-14", Pass, "the clock of m-01 is right");
    c(-0.05).says("HOST-14", Warn, "the clock of m-01 is 50 ms off");
    c(0.18).says("HOST-14", Warn, "the clock of m-01 is 180 ms off");
    c(0.5).says("HOST-14", Warn, "the clock of m-01 is 500 ms off");
    c(-0.51).says("HOST-14", Fail, "the clock of m-01 is 510 ms off");
    c(0.0).learn(keys::CLOCK_LEAP, "Not synchronised".into()).says(
        "HOST-14",
        Fail,
        "the clock of m-01 is not synchronised: Not synchronised",
    );
    c(0.0).lose(keys::CLOCK_LEAP, CauseWord::CommandMissing, "chronyc is not there on m-01").says(
        "HOST-14",
        Fail,
        "m-01 has no chrony: nothing keeps its clock",
    );
    c(0.0)
        .lose(keys::CLOCK_LEAP, CauseWord::TimedOut, "chronyc on m-01 did not end within 5 s")
        .says("HOST-14", Unknown, "cannot look: chronyc on m-01 did not end within 5 s");
    // The look was a second ago; the network took 0.08 s of its 0.12.
    let at = |ms: i64| World::of(RouterVm).learn(keys::CLOCK, Stamp(NOW.0 - 1_000 + ms));
    at(2_900).says("HOST-55", Pass, "the clock of m-01 agrees with ours");
    at(3_500).says("HOST-55", Warn, "the clock of m-01 is 3.5 s ahead of ours");
    at(-3_500).says("HOST-55", Warn, "the clock of m-01 is 3.5 s behind ours");
    at(-3_600_000).says("HOST-55", Fail, "the clock of m-01 is 1h00m behind ours");
}

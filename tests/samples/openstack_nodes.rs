//! Every clause of the records of what nodes say of the cloud on them.

use shopfloor::domain::Verdict::{Fail, NotYet, Pass, Unknown, Warn};
use shopfloor::domain::{CauseWord, wanted};

use crate::openstack::CLOUD;
use crate::world::{World, raw};

const NODES: [&str; 3] = ["control0", "control1", "control2"];

#[test]
fn containers_are_healthy() {
    let with = |text: &str| World::new().prints("control0", "node.look/containers", text);
    with(&raw("OST-01")).says(
        "OST-01",
        "control0",
        Pass,
        "the 1 containers of control0 are healthy",
    );
    with("nova_api\trunning\tUp 9 seconds (starting)\n").says(
        "OST-01",
        "control0",
        Warn,
        "containers of control0 are starting: nova_api",
    );
    with("cron\trunning\tUp 3 days\nnova_api\trunning\tUp 3 days\n").says(
        "OST-01",
        "control0",
        Warn,
        "nobody checks the health of nova_api on control0",
    );
    with("cron\trunning\tUp 3 days\n").says(
        "OST-01",
        "control0",
        Pass,
        "the 1 containers of control0 are healthy",
    );
    with("nova_api\trunning\tUp 3 days (unhealthy)\n").says(
        "OST-01",
        "control0",
        Fail,
        "containers of control0 are unhealthy: nova_api",
    );
    with("nova_api\texited\tExited (1) 3 minutes ago\n").says(
        "OST-01",
        "control0",
        Fail,
        "containers of control0 do not run: nova_api",
    );
    with("").says("OST-01", "control0", NotYet, "control0 has no container of the cloud yet");
    assert_eq!(with("Error: cannot connect\n").judge("OST-01", "control0").verdict, Unknown);
    let compute = World::new().prints("gpu0", "node.look/containers", &raw("OST-01"));
    compute.says("OST-01", "gpu0", Pass, "the 1 containers of gpu0 are healthy");
    let judged = World::new()
        .ends("control0", "node.look/containers", "", "", 126)
        .judge("OST-01", "control0");
    assert_eq!((judged.verdict, judged.cause), (Unknown, Some(CauseWord::SudoPassword)));
}

#[test]
fn the_database_cluster() {
    let with = |from: &str, to: &str| {
        World::new().prints("control0", "control.look/galera", &raw("OST-09").replace(from, to))
    };
    with("", "").says(
        "OST-09",
        "control0",
        Pass,
        "the database cluster of control0 has its 3 nodes",
    );
    with("size\t3", "size\t2").says(
        "OST-09",
        "control0",
        Warn,
        "the database cluster of control0 has 2 of 3 nodes",
    );
    with("size\t3", "size\t1").says(
        "OST-09",
        "control0",
        Fail,
        "the database on control0 stands alone, 3 nodes belong to it",
    );
    with("Primary", "non-Primary").says(
        "OST-09",
        "control0",
        Fail,
        "the database on control0 has no majority: non-Primary",
    );
    with("Synced", "Donor").says(
        "OST-09",
        "control0",
        Fail,
        "the database on control0 is not in step: Donor, ready ON",
    );
    let sealed =
        World::new().ends("control0", "control.look/galera", "", "the password is not there", 77);
    let judged = sealed.judge("OST-09", "control0");
    assert_eq!((judged.verdict, judged.cause), (Unknown, Some(CauseWord::PasswordSealed)));
}

#[test]
fn the_message_bus() {
    let with = |from: &str, to: &str| {
        World::new().prints("control0", "control.look/rabbit", &raw("OST-10").replace(from, to))
    };
    with("", "").says("OST-10", "control0", Pass, "the message bus of control0 has its 3 nodes");
    with(",\"rabbit@control2\"", "").says(
        "OST-10",
        "control0",
        Warn,
        "the message bus of control0 lacks control2",
    );
    with("\"not under maintenance\"", "\"draining\"").says(
        "OST-10",
        "control0",
        Warn,
        "control0 of the message bus of control0 are under maintenance",
    );
    with("\"partitions\":{}", "\"partitions\":{\"rabbit@control0\":[\"rabbit@control1\"]}").says(
        "OST-10",
        "control0",
        Fail,
        "the message bus of control0 has partitions",
    );
    with("\"alarms\":[]", "\"alarms\":[{\"resource\":\"memory\",\"node\":\"rabbit@control0\"}]")
        .says("OST-10", "control0", Fail, "the message bus of control0 has alarm memory");
    with(",\"rabbit@control1\",\"rabbit@control2\"", "").says(
        "OST-10",
        "control0",
        Fail,
        "the message bus of control0 has no majority: 1 of 3 nodes run",
    );
    // The broker is dead: its own tool says so, and nothing is known of the cluster from here.
    let dead =
        "Error: unable to perform an operation on node 'rabbit@control0'. Please see diagnostics\n";
    let judged = World::new()
        .ends("control0", "control.look/rabbit", "", dead, 69)
        .judge("OST-10", "control0");
    assert_eq!(judged.verdict, Unknown);
    assert!(judged.sentence.contains("unable to perform"), "{}", judged.sentence);
}

#[test]
fn the_virtual_address_has_one_holder() {
    let with = |counts: [&str; 3]| {
        NODES.iter().zip(counts).filter(|(_, count)| !count.is_empty()).fold(
            World::new(),
            |world, (node, count)| {
                world.prints(
                    node,
                    "control.look/virtual-address",
                    &format!("10.30.0.100 {count}\n"),
                )
            },
        )
    };
    let one = raw("OST-11");
    with([&one, "0", "0"]).says(
        "OST-11",
        CLOUD,
        Pass,
        "control0 alone holds the virtual address of openstack",
    );
    with(["0", "0", "0"]).says(
        "OST-11",
        CLOUD,
        Fail,
        "no control node of openstack holds the virtual address",
    );
    with([&one, "0", "1"]).says(
        "OST-11",
        CLOUD,
        Fail,
        "the virtual address of openstack is held by control0 and control2 at once",
    );
    with([&one, "0", ""]).says("OST-11", CLOUD, Unknown, "control2 was not looked at yet");
}

#[test]
fn leftovers_logs_and_the_bus_url() {
    let orphans = |text: &str| World::new().prints("control1", "control.survey/orphans", text);
    orphans(&raw("OST-16")).says(
        "OST-16",
        CLOUD,
        Pass,
        "openstack keeps no tenant cluster without its project",
    );
    orphans("2\n").says(
        "OST-16",
        CLOUD,
        Fail,
        "openstack keeps 2 tenant clusters whose project is gone",
    );
    assert_eq!(orphans("ERROR 1146\n").judge("OST-16", CLOUD).verdict, Unknown);

    let logs = |text: &str| World::new().prints("gpu0", "node.survey/logs", text);
    logs("").says(
        "OST-21",
        "gpu0",
        Pass,
        "the cloud's logs on gpu0 have no error of the last ten minutes",
    );
    let line = "nova\t3\t2027-01-10 10:15:01.234 ERROR nova.compute.manager\n";
    let judged =
        logs(line).says("OST-21", "gpu0", Warn, "the cloud's logs on gpu0 have errors of nova");
    assert_eq!(
        judged.evidence[0].shown,
        "3 lines, the last 2027-01-10 10:15:01.234 ERROR nova.compute.manager"
    );
    assert!(raw("OST-21").contains("ERROR nova.compute.manager"));

    let url = |text: &str| World::new().prints("control0", "control.survey/bus-url", text);
    url("fedcba9876543210\n").says(
        "OST-22",
        CLOUD,
        Pass,
        "the message bus of openstack is that of os_rabbitmq_url",
    );
    url("0000000000000000\n").says(
        "OST-22",
        CLOUD,
        Fail,
        "openstack has another message bus than os_rabbitmq_url",
    );
    url("").says(
        "OST-22",
        CLOUD,
        Fail,
        "openstack has no message bus for bare metal: is Ironic deployed",
    );
    let sealed = url("fedcba9876543210\n").expecting(CLOUD, wanted::CLOUD_RABBIT_URL, "");
    assert_eq!(sealed.judge("OST-22", CLOUD).verdict, Unknown);
    // The record's own answer holds the password: were it ever to come, none of it is kept.
    let facts = format!("{:?}", url(&raw("OST-22")).facts());
    assert!(!facts.contains("SECRET"), "{facts}");
}

#[test]
fn the_l3_agent() {
    let with = |text: &str| World::new().prints("control0", "control.look/l3-agent", text);
    with(&raw("OST-23")).says("OST-23", "control0", Pass, "the L3 agent on control0 is healthy");
    with("starting 2027-01-10 10:14:00.5 +0000 UTC\n4\n").says(
        "OST-23",
        "control0",
        Warn,
        "the L3 agent on control0 is starting",
    );
    with("starting 2027-01-10 10:10:00 +0000 UTC\n4\n").says(
        "OST-23",
        "control0",
        Fail,
        "the L3 agent on control0 does not come up: the clean-up of its namespaces may be stuck",
    );
    with("unhealthy 2027-01-10 10:10:00 +0000 UTC\n4\n").says(
        "OST-23",
        "control0",
        Fail,
        "the L3 agent on control0 is unhealthy",
    );
    assert_eq!(with("<no value> 2027\n").judge("OST-23", "control0").verdict, Unknown);
}

use super::*;

#[test]
fn temperatures_by_the_controllers_limits_then_ours() {
    let judge = |sensors: &[Sensor]| {
        Known::default().on().redfish(redfish::TEMPERATURES, table(sensors)).both().judge("IPMI-52")
    };
    let cool = sensor("CPU0 Temp", 48.0, "C", high(85.0, 90.0));
    let told = judge(&[cool.clone(), sensor("GPU0 Temp", 51.0, "C", high(83.0, 87.0))]);
    assert_told(
        &told,
        Verdict::Pass,
        "gpu-07: 2 temperatures within limits, GPU0 Temp is warmest with 51 C",
    );
    let at = |degrees: f64| sensor("CPU0 Temp", degrees, "C", high(85.0, 90.0));
    assert_told(
        &judge(&[at(84.9)]),
        Verdict::Pass,
        "gpu-07: 1 temperature within limits, CPU0 Temp is warmest with 84.9 C",
    );
    assert_told(&judge(&[at(85.0)]), Verdict::Warn, "gpu-07 CPU0 Temp is 85 C, warns at 85");
    assert_told(&judge(&[at(91.0)]), Verdict::Fail, "gpu-07 CPU0 Temp is 91 C, fails at 90");
    // Two are beyond: the worse one speaks.
    let told = judge(&[at(86.0), sensor("CPU1 Temp", 93.0, "C", high(85.0, 90.0)), cool]);
    assert_told(
        &told,
        Verdict::Fail,
        "gpu-07 CPU1 Temp is 93 C, fails at 90; 1 temperature more beyond the limits",
    );
    assert_eq!(told.evidence.len(), 2);
    assert_eq!(told.evidence[0].shown, "93 C; warns at 85, fails at 90");
    // Our own thresholds only where the controller has none.
    let bare = |degrees: f64| sensor("NVMe", degrees, "C", Limits::default());
    assert_eq!(judge(&[bare(84.0)]).verdict, Verdict::Pass);
    assert_told(&judge(&[bare(85.0)]), Verdict::Warn, "gpu-07 NVMe is 85 C, warns at 85");
    assert_eq!(judge(&[bare(95.0)]).verdict, Verdict::Fail);
    let hot_gpu = sensor("GPU0", 90.0, "C", high(93.0, 96.0));
    assert_eq!(judge(&[hot_gpu]).verdict, Verdict::Pass, "its own limit is higher than ours");
    // What the controller says itself.
    let mut said = bare(40.0);
    said.health = Health::Critical;
    assert_told(&judge(&[said]), Verdict::Fail, "gpu-07 NVMe is called critical by its BMC (40 C)");
}

#[test]
fn inlet_is_judged_apart_and_also_while_off() {
    let inlet = |degrees: f64, limits: Limits| Sensor {
        place: SensorPlace::Inlet,
        ..sensor("Inlet Temp", degrees, "C", limits)
    };
    let judge = |one: Sensor, power: &str, check: &str| {
        Known::default()
            .redfish(redfish::POWER_STATE, Word(power.into()))
            .redfish(redfish::TEMPERATURES, table(&[one]))
            .both()
            .judge(check)
    };
    let own = Limits::default();
    assert_told(
        &judge(inlet(34.0, own), "on", "IPMI-59"),
        Verdict::Warn,
        "gpu-07 inlet is 34 C, warns at 32",
    );
    assert_told(
        &judge(inlet(36.0, own), "off", "IPMI-59"),
        Verdict::Fail,
        "gpu-07 inlet is 36 C, fails at 35",
    );
    let vendors = high(38.0, 42.0);
    assert_told(
        &judge(inlet(34.0, vendors), "on", "IPMI-59"),
        Verdict::Pass,
        "gpu-07 inlet is 34 C, warns at 38",
    );
    let told = judge(inlet(60.0, own), "on", "IPMI-52");
    assert_told(&told, Verdict::NotYet, "the BMC of gpu-07 offers no temperature readings");
    let told = judge(sensor("CPU0", 50.0, "C", own), "on", "IPMI-59");
    assert_told(&told, Verdict::NotYet, "the BMC of gpu-07 offers no inlet temperature readings");
}

#[test]
fn fans_and_voltages() {
    let fans = |sensors: &[Sensor], power: &str| {
        Known::default()
            .redfish(redfish::POWER_STATE, Word(power.into()))
            .ipmi(ipmi::FANS, table(sensors))
            .both()
            .judge("IPMI-53")
    };
    let fan = |rpm: f64| sensor("FAN1", rpm, "RPM", low(1500.0, 1000.0));
    let told = fans(&[fan(7800.0)], "on");
    assert_told(&told, Verdict::Pass, "gpu-07: 1 fan within limits");
    assert_eq!(told.source, "ipmi", "Redfish offers none");
    assert_told(
        &fans(&[fan(1500.0)], "on"),
        Verdict::Warn,
        "gpu-07 FAN1 is 1500 RPM, warns at or below 1500",
    );
    assert_told(
        &fans(&[fan(0.0)], "on"),
        Verdict::Fail,
        "gpu-07 FAN1 is 0 RPM, fails at or below 1000",
    );
    assert_told(
        &fans(&[fan(0.0)], "off"),
        Verdict::NotYet,
        "gpu-07 is powered off, its fans mean nothing",
    );
    let bare = sensor("FAN1", 0.0, "%", Limits::default());
    assert_told(&fans(&[bare], "on"), Verdict::Fail, "gpu-07 FAN1 is 0 %, fails at or below 1");

    let volts = |one: Sensor| {
        Known::default().on().ipmi(ipmi::VOLTAGES, table(&[one])).both().judge("IPMI-54")
    };
    let rail = Limits {
        low_fail: Some(10.8),
        high_warn: Some(12.78),
        high_fail: Some(13.2),
        ..Limits::default()
    };
    assert_told(
        &volts(sensor("12V", 12.06, "V", rail)),
        Verdict::Pass,
        "gpu-07: 1 voltage within limits",
    );
    assert_told(
        &volts(sensor("12V", 12.8, "V", rail)),
        Verdict::Warn,
        "gpu-07 12V is 12.8 V, warns at 12.78",
    );
    assert_told(
        &volts(sensor("12V", 10.5, "V", rail)),
        Verdict::Fail,
        "gpu-07 12V is 10.5 V, fails at or below 10.8",
    );
    let mut unsaid = sensor("12V", 3.0, "V", Limits::default());
    unsaid.health = Health::Unsaid;
    assert_eq!(volts(unsaid).verdict, Verdict::NotYet, "no limit and no word of the controller");
}

#[test]
fn stale_facts_are_not_judged_but_the_cause_is_told() {
    let cool = table(&[sensor("CPU0", 48.0, "C", high(85.0, 90.0))]);
    let dead = cause(CauseWord::Silent, "the BMC of gpu-07 hangs");
    let known = Known::default()
        .redfish(redfish::TEMPERATURES, cool.clone())
        .both()
        .answers("bmc.redfish", Answer::TimedOut(dead));
    let told = known.judge("IPMI-52");
    assert_told(
        &told,
        Verdict::Unknown,
        "temperatures of gpu-07 cannot be known: the BMC of gpu-07 hangs",
    );
    assert_eq!(
        (told.cause, told.next),
        (Some(CauseWord::Silent), vec!["Try something".to_owned()])
    );
    // A resource that was lost is not one that is not offered.
    let mut report = Report::default();
    let word = CauseWord::System("http-status".into());
    report.lose(redfish::TEMPERATURES, cause(word, "the BMC of gpu-07 answers with HTTP 500"));
    let known = Known::default().answers("bmc.redfish", Answer::Facts(report));
    assert_eq!(known.judge("IPMI-52").verdict, Verdict::Unknown);
    // The other way steps in.
    let known = Known::default()
        .ipmi(ipmi::TEMPERATURES, cool)
        .both()
        .answers("bmc.redfish", Answer::TimedOut(cause(CauseWord::Silent, "hangs")));
    let told = known.judge("IPMI-52");
    assert_eq!((told.verdict, told.source.as_str()), (Verdict::Pass, "ipmi"));
}

#[test]
fn the_worse_of_the_two_ways_is_told() {
    let at = |degrees: f64| table(&[sensor("CPU0", degrees, "C", high(85.0, 90.0))]);
    let judge = |over_redfish: f64, over_ipmi: f64| {
        Known::default()
            .on()
            .redfish(redfish::TEMPERATURES, at(over_redfish))
            .ipmi(ipmi::TEMPERATURES, at(over_ipmi))
            .both()
            .judge("IPMI-52")
    };
    let told = judge(41.0, 91.0);
    assert_told(&told, Verdict::Fail, "gpu-07 CPU0 is 91 C, fails at 90");
    assert_eq!(told.source, "ipmi");
    let told = judge(86.0, 41.0);
    assert_eq!((told.verdict, told.source.as_str()), (Verdict::Warn, "redfish"));
    let told = judge(41.0, 41.0);
    assert_eq!((told.verdict, told.source.as_str()), (Verdict::Pass, "redfish"));
}

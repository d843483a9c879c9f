#!/usr/bin/env python3
"""Writes the command file of one simulated management controller for ipmi_sim.

    bmc_sensors.py SENSOR_DIRECTORY

Each sensor reads the number in SENSOR_DIRECTORY/<file> once a second. The
records are those of IPMI 2.0, section 43.1 (full) and 43.2 (compact).
"""
import os
import sys

directory = sys.argv[1]
BMC = 0x20
TEMPERATURE, VOLTAGE, FAN, SUPPLY = 1, 2, 4, 8
CELSIUS, VOLTS, RPM = 1, 4, 18

# file, name, number, type, unit, (multiplier, exponent), entity, raw value at start,
# raw limits from the lowest: lower non-recoverable, critical, non-critical,
# upper non-critical, critical, non-recoverable; 0 where there is none
ANALOG = [
    ("cpu_temp", "CPU Temp", 1, TEMPERATURE, CELSIUS, (1, 0), 3, 47, (0, 0, 0, 85, 90, 95)),
    ("inlet_temp", "Inlet Temp", 2, TEMPERATURE, CELSIUS, (1, 0), 55, 23, (0, 0, 0, 38, 42, 45)),
    ("fan1", "FAN1", 16, FAN, RPM, (100, 0), 29, 78, (5, 10, 15, 0, 0, 0)),
    ("fan2", "FAN2", 17, FAN, RPM, (100, 0), 29, 80, (5, 10, 15, 0, 0, 0)),
    ("p12v", "12V", 32, VOLTAGE, VOLTS, (6, -2), 10, 201, (175, 180, 187, 213, 220, 225)),
]
# file, name, number, instance; the value is a bit mask: 1 present, 2 failed, 8 mains lost
SUPPLIES = [("psu1", "PS1 Status", 200, 1), ("psu2", "PS2 Status", 201, 2)]


def name_field(name):
    return [0xC0 | len(name), *name.encode("ascii")]


def full_record(number, kind, unit, scale, entity, start, limits, name):
    multiplier, exponent = scale
    lower, upper = any(limits[:3]), any(limits[3:])
    readable = (0x07 if lower else 0) | (0x38 if upper else 0)
    lnr, lcr, lnc, unc, ucr, unr = limits
    body = [BMC, 0, number, entity, 1, 0x7F, 0x68, kind, 0x01]
    body += [0x00, 0x70 if lower else 0, 0x00, 0x70 if upper else 0, readable, 0x00]
    body += [0x00, unit, 0x00, 0x00]
    body += [multiplier, 0, 0, 0, 0, (exponent & 0x0F) << 4]
    body += [0x00, start, 0xFF, 0x00, 0xFF, 0x00]
    body += [unr, ucr, unc, lnr, lcr, lnc, 1, 1, 0, 0, 0] + name_field(name)
    return [0, 0, 0x51, 0x01, len(body), *body]


def compact_record(number, instance, name):
    body = [BMC, 0, number, 10, instance, 0x67, 0x40, SUPPLY, 0x6F]
    body += [0x0F, 0x00, 0x0F, 0x00, 0x0F, 0x00]
    body += [0xC0, 0x00, 0x00, 0x00, 0x00, 0, 0, 0, 0, 0, 0] + name_field(name)
    return [0, 0, 0x51, 0x02, len(body), *body]


def numbers(values):
    return " ".join("0x%02x" % value for value in values)


def file_of(name, start):
    path = os.path.join(directory, name)
    with open(path, "w") as out:
        out.write("%d\n" % start)
    return path


os.makedirs(directory, exist_ok=True)
print("mc_setbmc 0x20")
print("mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr")
print("sel_enable 0x20 64 0x0a")
for path, name, number, kind, unit, scale, entity, start, limits in ANALOG:
    print("main_sdr_add 0x20", numbers(full_record(number, kind, unit, scale, entity, start, limits, name)))
for path, name, number, instance in SUPPLIES:
    print("main_sdr_add 0x20", numbers(compact_record(number, instance, name)))
for path, name, number, kind, unit, scale, entity, start, limits in ANALOG:
    print('sensor_add 0x20 0 %d %d 0x01 poll 1000 file "%s"' % (number, kind, file_of(path, start)))
    enabled = ("111" if any(limits[3:]) else "000") + ("111" if any(limits[:3]) else "000")
    lnr, lcr, lnc, unc, ucr, unr = limits
    print("sensor_set_threshold 0x20 0 %d readable %s %s" % (number, enabled, numbers((unr, ucr, unc, lnr, lcr, lnc))))
    events = "000111111111111"
    print("sensor_set_event_support 0x20 0 %d enable scanning per-state %s" % (number, " ".join([events] * 4)))
for path, name, number, instance in SUPPLIES:
    print('sensor_add 0x20 0 %d %d 0x6f poll 1000 file "%s"' % (number, SUPPLY, file_of(path, 1)))
    events = "000000000001111"
    print("sensor_set_event_support 0x20 0 %d enable scanning per-state %s" % (number, " ".join([events] * 4)))
print("mc_enable 0x20")

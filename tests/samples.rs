//! Samples of what documented commands print, through their readers and rules:
//! every clause of the vendor's records, the records' own raw answers, and
//! whole captures of real systems.

#[path = "samples/ceph.rs"]
mod ceph;
#[path = "samples/ceph_captures.rs"]
mod ceph_captures;
#[path = "samples/gateway.rs"]
mod gateway;
#[path = "samples/openstack.rs"]
mod openstack;
#[path = "samples/openstack_captures.rs"]
mod openstack_captures;
#[path = "samples/openstack_nodes.rs"]
mod openstack_nodes;
#[path = "samples/world.rs"]
mod world;

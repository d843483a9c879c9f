#!/usr/bin/perl
# A TCP proxy that misbehaves on purpose; only what perl-base has.
#
#   fault-proxy.pl KIND LISTEN_ADDRESS PORT TARGET_ADDRESS [SECONDS]
#
#   slow     passes on what the target says only after SECONDS
#   cut      resets both sides SECONDS after the connection was made
#   mute     passes on the target's first line, then nothing more
#   hang     accepts and reads, never answers
#   drop     accepts and closes at once
#   garbage  answers like a web server and closes
use strict;
use warnings;
use Socket;

my ($kind, $address, $port, $target, $seconds) = @ARGV;
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';

socket(my $listener, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1);
bind($listener, pack_sockaddr_in($port, inet_aton($address))) or die "bind $address:$port: $!";
listen($listener, 128) or die "listen: $!";

while (1) {
    accept(my $client, $listener) or next;
    my $child = fork();
    if ($child) { close $client; next; }
    close $listener;
    serve($client);
    exit 0;
}

sub serve {
    my ($client) = @_;
    return if $kind eq 'drop';
    if ($kind eq 'garbage') {
        syswrite $client, "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n";
        sleep 1;
        return;
    }
    if ($kind eq 'hang') {
        my $read;
        1 while sysread($client, $read, 65536);
        return;
    }
    socket(my $server, PF_INET, SOCK_STREAM, 0) or return;
    connect($server, pack_sockaddr_in($port, inet_aton($target))) or return;
    my $end = $kind eq 'cut' ? time() + $seconds : undef;
    my ($slow, $muted) = ($kind eq 'slow', 0);
    while (1) {
        my $ready = '';
        vec($ready, fileno($_), 1) = 1 for $client, $server;
        my $left = defined $end ? $end - time() : undef;
        if (defined $left && $left <= 0) {
            setsockopt($_, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)) for $client, $server;
            return;
        }
        select($ready, undef, undef, defined $left ? $left : undef);
        for my $pair ([$server, $client], [$client, $server]) {
            my ($from, $to) = @$pair;
            next unless vec($ready, fileno($from), 1);
            return unless sysread($from, my $data, 65536);
            if ($from == $server) {
                if ($slow) { sleep $seconds; $slow = 0; }
                next if $muted;
                if ($kind eq 'mute') { $data =~ s/\n.*/\n/s; $muted = 1; }
            }
            my $sent = 0;
            while ($sent < length $data) {
                my $count = syswrite($to, $data, length($data) - $sent, $sent) or return;
                $sent += $count;
            }
        }
    }
}

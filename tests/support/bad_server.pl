#!/usr/bin/perl
# bad_server.pl WAY: listens on a free port of 127.0.0.1, prints the port, and answers every request badly:
#   html       200 with a page instead of JSON
#   truncated  announces more bytes than it sends
#   big        50 MB of JSON
#   garbage    bytes that are no HTTP
#   silent     accepts and never answers
#   broken     200 with JSON that ends too early
use strict;
use warnings;
use IO::Socket::INET;

my $json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
my %answer = (
    html => sub { my $page = '<html><body>Sign in</body></html>';
        return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " . length($page) . "\r\n\r\n$page" },
    truncated => sub { return "${json}Content-Length: 1000\r\n\r\n{\"items\":[" },
    big => sub { my $size = 50 * 1024 * 1024;
        return "${json}Content-Length: $size\r\n\r\n" . '[' . ' ' x ($size - 2) . ']' },
    garbage => sub { return "\x00\x01\x02 not HTTP at all\r\n\r\n" },
    broken  => sub { return "${json}Content-Length: 11\r\n\r\n{\"items\":[{" },
    silent  => sub { return undef },
);
my $make = $answer{ $ARGV[0] // '' } or die "usage: bad_server.pl " . join('|', sort keys %answer) . "\n";
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 16) or die "cannot listen: $!\n";
$SIG{PIPE} = 'IGNORE';
$| = 1;
print $server->sockport, "\n";

my @held;
while (my $client = $server->accept) {
    my $request = '';
    while ($request !~ /\r\n\r\n/) {
        last unless sysread $client, $request, 4096, length $request;
    }
    my $reply = $make->();
    if (defined $reply) { print {$client} $reply; close $client } else { push @held, $client }
}

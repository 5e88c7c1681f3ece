# SPDX-License-Identifier: GPL-2.0-only
# Recursion, sorting and regular expressions. Runs until it is killed.
use strict;
use warnings;

sub fibonacci { my $n = shift; return $n < 2 ? $n : fibonacci($n - 1) + fibonacci($n - 2) }

sub by_digits { join('', reverse split //, $a) <=> join('', reverse split //, $b) }

sub nested {
	my $depth = shift;
	return "x" unless $depth;
	my @found = sort { length(nested($depth - 1)) <=> 0 or $a cmp $b } ("b", "a");
	(my $text = "x$found[0]x") =~ s/(x)/nested($depth - 2 > 0 ? $depth - 2 : 0)/ge;
	return $text;
}

my %count;
while (1) {
	fibonacci(10);
	my @numbers = sort by_digits map { $_ * 7919 % 1009 } 1 .. 40;
	$count{ sprintf "%05d", $_ }++ for @numbers;
	eval { die { code => nested(5) } };
	eval 'my $n = 0; $n += $_ for 1 .. 50; $n';
	%count = () if keys %count > 500;
	pack("w*", map { $_ * 1000 } 1 .. 30) =~ /(?:a|b(?=c))*?z/;
}

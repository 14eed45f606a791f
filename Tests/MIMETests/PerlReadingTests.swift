import Foundation
import MailroomMIME
import TestSupport
import XCTest

/// Perl's MIME::Parser, Email::MIME and Email::Address::XS read what the writer wrote.
final class PerlReadingTests: XCTestCase {
    func testPerlReadsEveryMessageAsItWas() throws {
        let perl = try Programs.perl(with: "MIME::Parser", "Email::MIME", "Email::Address::XS", "Mail::Address")
        try ReadingCases.withFile(count: 300, seed: 13) { file in
            let outcome = try Programs.run(perl, ["-e", Self.script, file.path])
            XCTAssertEqual(outcome.output + outcome.errors, "300 read, 0 differ\n")
        }
    }

    private static let script = """
        use strict; use warnings;
        use MIME::Parser; use Email::MIME; use Email::Address::XS; use Mail::Address;
        use JSON::PP; use MIME::Base64; use Encode; use Time::Local qw(timegm_modern);
        binmode STDOUT, ':utf8';
        my $parser = MIME::Parser->new;
        $parser->output_to_core(1);
        $parser->tmp_to_core(1);
        $parser->extract_nested_messages(0);

        sub words { my $text = shift; $text =~ s/\\r?\\n//g; return decode('MIME-Header', $text) }
        sub trimmed { my $text = shift; $text =~ s/^[ \\t]+|[ \\t]+$//g; return $text }
        sub flat { return encode_json($_[0]) }

        # The moment in seconds and the offset in seconds; nothing where the day of the week is not its own.
        my @days = qw(Sun Mon Tue Wed Thu Fri Sat);
        my %months = map { (qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec))[$_] => $_ } 0..11;
        sub moment {
            my ($name, $day, $month, $year, $hour, $minute, $second, $sign, $hours, $minutes) =
                shift =~ /^(\\w{3}), (\\d{1,2}) (\\w{3}) (\\d{4}) (\\d\\d):(\\d\\d):(\\d\\d) ([+-])(\\d\\d)(\\d\\d)$/
                or return;
            my $local = timegm_modern($second, $minute, $hour, $day, $months{$month}, $year);
            return if $days[(gmtime $local)[6]] ne $name;
            my $offset = ($hours * 60 + $minutes) * ($sign eq '-' ? -60 : 60);
            return ($local - $offset, $offset);
        }

        # MIME::Parser takes the CR from the last line of what is not encoded.
        sub lines { my $text = shift; $text =~ s/\\r\\n/\\n/g; return $text }
        sub content { return encode_base64($_[0] eq 'message/rfc822' ? lines($_[1]) : $_[1], '') }

        sub tree {
            my $part = shift;
            my $kind = lc $part->mime_type;
            return $kind unless $kind =~ m{^multipart/};
            return $kind . '(' . join(',', map { tree($_) } $part->parts) . ')';
        }

        sub leaves { my $part = shift; return $part->parts ? map { leaves($_) } $part->parts : $part }

        # Email::MIME opens messages within; only what the outer one has is asked of it.
        sub names {
            my $part = shift;
            return map { names($_) } $part->subparts if $part->content_type =~ m{^multipart/}i;
            return $part->filename // '';
        }

        sub inspect {
            my $case = shift;
            my $data = decode_base64($case->{message});
            my $message = $parser->parse_data($data);
            my @found;
            my $same = sub {
                my ($what, $got, $expected) = @_;
                push @found, "$what: $got is not $expected" if $got ne $expected;
            };
            my @complaints = $parser->results->msgs;
            push @found, "complaints: @complaints" if @complaints;
            $same->('tree', tree($message), $case->{tree});
            my $field = sub { my $raw = $message->head->get($_[0]) // ''; chomp $raw; return $raw };
            $same->('subject', trimmed(words($field->('Subject'))), $case->{subject});
            for my $name ('from', 'to', 'cc', 'reply-to', 'sender') {
                my $raw = $field->($name);
                $raw =~ s/\\r?\\n//g;
                my @read = map { [words($_->phrase // ''), $_->address] } Email::Address::XS->parse($raw);
                $same->($name, flat(\\@read), flat($case->{$name}));
                my @other = map { $_->address } Mail::Address->parse($raw);
                $same->("other $name", flat(\\@other), flat([map { $_->[1] } @{$case->{$name}}]));
            }
            $same->('message-id', $field->('Message-ID'), $case->{'message-id'});
            $same->('date', flat([moment($field->('Date'))]), flat($case->{date}));
            for my $name ('in-reply-to', 'references') {
                $same->($name, flat([split ' ', $field->($name)]), flat($case->{$name}));
            }
            $same->('post', $field->('List-Unsubscribe-Post'), $case->{post});
            for my $pair (@{$case->{fields}}) {
                my @raw = $message->head->get_all($pair->[0]);
                chomp @raw;
                $same->($pair->[0], flat([map { trimmed(words($_)) } @raw]), flat([$pair->[1]]));
            }
            my $links = $field->('List-Unsubscribe');
            $links =~ s/\\s//g;
            $same->('links', $links, join(',', map { "<$_>" } @{$case->{links}}));
            my ($text, $html, @files);
            for my $part (leaves($message)) {
                my $kind = lc $part->mime_type;
                my $body = defined $part->bodyhandle ? $part->bodyhandle->as_string : '';
                my $placed = $part->head->mime_attr('content-disposition');
                if (!$placed && $kind eq 'text/plain' && !defined $text) { $text = decode('UTF-8', $body) }
                elsif (!$placed && $kind eq 'text/html' && !defined $html) { $html = decode('UTF-8', $body) }
                else {
                    my $id = $part->head->get('Content-ID') // '';
                    $id =~ s/[<>\\s]//g;
                    push @files, [$kind, content($kind, $body), $id];
                }
            }
            $same->('text', lines($text // '-'), lines($case->{text} // '-'));
            $same->('html', lines($html // '-'), lines($case->{html} // '-'));
            my @expected = map { [$_->[1], content($_->[1], decode_base64($_->[2])), $_->[3]] } @{$case->{files}};
            $same->('files', flat(\\@files), flat(\\@expected));
            my @names = grep { length } names(Email::MIME->new($data));
            $same->('names', flat(\\@names), flat([grep { length } map { $_->[0] } @{$case->{files}}]));
            return @found;
        }

        open my $file, '<', $ARGV[0] or die;
        my $cases = decode_json(do { local $/; <$file> });
        my ($index, $differ) = (0, 0);
        for my $case (@$cases) {
            my @found = inspect($case);
            if (@found && ++$differ <= 5) { print join("\\n  ", $index, @found), "\\n" }
            $index++;
        }
        printf "%d read, %d differ\\n", scalar @$cases, $differ;
        """
}

import Mailroom

/// Cases that the module “delimiters” of the Mustache specification decides.
extension MustacheCase {
    static let delimiterCases: [MustacheCase] = [
        MustacheCase(
            "{{=<% %>=}}(<%spruce%>)",
            ["spruce": "Aspen!"],
            gives: "(Aspen!)"),
        MustacheCase(
            "({{=[ ]=}}[spruce])",
            ["spruce": "Holly ivy!"],
            gives: "(Holly ivy!)"),
        MustacheCase(
            "[\n{{#fern}}\n  {{moss}}\n  |moss|\n{{/fern}}\n\n{{= | | =}}\n|#fern|\n  {{moss}}\n"
                + "  |moss|\n|/fern|\n]\n",
            ["fern": true, "moss": "I reed rush."],
            gives: "[\n  I reed rush.\n  |moss|\n\n  {{moss}}\n  I reed rush.\n]\n"),
        MustacheCase(
            "[\n{{^fern}}\n  {{moss}}\n  |moss|\n{{/fern}}\n\n{{= | | =}}\n|^fern|\n  {{moss}}\n"
                + "  |moss|\n|/fern|\n]\n",
            ["fern": false, "moss": "I reed rush."],
            gives: "[\n  I reed rush.\n  |moss|\n\n  {{moss}}\n  I reed rush.\n]\n"),
        MustacheCase(
            "[ {{>sage}} ]\n{{= | | =}}\n[ |>sage| ]\n",
            ["thyme": "mint"],
            ["sage": ".{{thyme}}."],
            gives: "[ .mint. ]\n[ .mint. ]\n"),
        MustacheCase(
            "[ {{>sage}} ]\n[ .{{thyme}}.  .|thyme|. ]\n",
            ["thyme": "mint"],
            ["sage": ".{{thyme}}. {{= | | =}} .|thyme|."],
            gives: "[ .mint.  .mint. ]\n[ .mint.  .|thyme|. ]\n"),
        MustacheCase(
            "| {{=@ @=}} |",
            [:],
            gives: "|  |"),
        MustacheCase(
            " | {{=@ @=}}\n",
            [:],
            gives: " | \n"),
        MustacheCase(
            "Hazel.\n{{=@ @=}}\nLime.\n",
            [:],
            gives: "Hazel.\nLime.\n"),
        MustacheCase(
            "Hazel.\n  {{=@ @=}}\nLime.\n",
            [:],
            gives: "Hazel.\nLime.\n"),
        MustacheCase(
            "|\r\n{{= @ @ =}}\r\n|",
            [:],
            gives: "|\r\n|"),
        MustacheCase(
            "  {{=@ @=}}\n=",
            [:],
            gives: "="),
        MustacheCase(
            "=\n  {{=@ @=}}",
            [:],
            gives: "=\n"),
        MustacheCase(
            "|{{= @   @ =}}|",
            [:],
            gives: "||"),
    ]
}

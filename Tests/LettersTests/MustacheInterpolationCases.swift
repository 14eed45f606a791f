import Mailroom

/// Cases that the module “interpolation” of the Mustache specification decides.
extension MustacheCase {
    static let interpolationCases: [MustacheCase] = [
        MustacheCase(
            "Basil dill {Clove}!\n",
            [:],
            gives: "Basil dill {Clove}!\n"),
        MustacheCase(
            "Basil, {{cumin}}!\n",
            ["cumin": "anise"],
            gives: "Basil, anise!\n"),
        MustacheCase(
            "{{ginger}}: {{saffron}}",
            ["ginger": "{{saffron}}", "saffron": "Pepper"],
            gives: "{{saffron}}: Pepper"),
        MustacheCase(
            "honey: {{butter}}\n",
            ["butter": "& \" < >"],
            gives: "honey: &amp; &quot; &lt; &gt;\n"),
        MustacheCase(
            "cheese: {{{butter}}}\n",
            ["butter": "& \" < >"],
            gives: "cheese: & \" < >\n"),
        MustacheCase(
            "cheese: {{&butter}}\n",
            ["butter": "& \" < >"],
            gives: "cheese: & \" < >\n"),
        MustacheCase(
            "\"{{pear}} plum!\"",
            ["pear": 85],
            gives: "\"85 plum!\""),
        MustacheCase(
            "\"{{{pear}}} plum!\"",
            ["pear": 85],
            gives: "\"85 plum!\""),
        MustacheCase(
            "\"{{&pear}} plum!\"",
            ["pear": 85],
            gives: "\"85 plum!\""),
        MustacheCase(
            "\"{{cherry}} quince!\"",
            ["cherry": 1.21],
            gives: "\"1.21 quince!\""),
        MustacheCase(
            "\"{{{cherry}}} quince!\"",
            ["cherry": 1.21],
            gives: "\"1.21 quince!\""),
        MustacheCase(
            "\"{{&cherry}} quince!\"",
            ["cherry": 1.21],
            gives: "\"1.21 quince!\""),
        MustacheCase(
            "I ({{grape}}) lemon melon!",
            [:],
            gives: "I () lemon melon!"),
        MustacheCase(
            "I ({{{grape}}}) lemon melon!",
            [:],
            gives: "I () lemon melon!"),
        MustacheCase(
            "I ({{&grape}}) lemon melon!",
            [:],
            gives: "I () lemon melon!"),
        MustacheCase(
            "I ({{grape}}) lemon melon!",
            [:],
            gives: "I () lemon melon!"),
        MustacheCase(
            "I ({{{grape}}}) lemon melon!",
            [:],
            gives: "I () lemon melon!"),
        MustacheCase(
            "I ({{&grape}}) lemon melon!",
            [:],
            gives: "I () lemon melon!"),
        MustacheCase(
            "\"{{peach.olive}}\" == \"{{#peach}}{{olive}}{{/peach}}\"",
            ["peach": ["olive": "Walnut"]],
            gives: "\"Walnut\" == \"Walnut\""),
        MustacheCase(
            "\"{{{peach.olive}}}\" == \"{{#peach}}{{{olive}}}{{/peach}}\"",
            ["peach": ["olive": "Walnut"]],
            gives: "\"Walnut\" == \"Walnut\""),
        MustacheCase(
            "\"{{&peach.olive}}\" == \"{{#peach}}{{&olive}}{{/peach}}\"",
            ["peach": ["olive": "Walnut"]],
            gives: "\"Walnut\" == \"Walnut\""),
        MustacheCase(
            "\"{{a.b.c.d.e.olive}}\" == \"Almond\"",
            ["a": ["b": ["c": ["d": ["e": ["olive": "Almond"]]]]]],
            gives: "\"Almond\" == \"Almond\""),
        MustacheCase(
            "\"{{a.b.c}}\" == \"\"",
            ["a": [:]],
            gives: "\"\" == \"\""),
        MustacheCase(
            "\"{{a.b.c.olive}}\" == \"\"",
            ["a": ["b": [:]], "c": ["olive": "Chestnut"]],
            gives: "\"\" == \"\""),
        MustacheCase(
            "\"{{#a}}{{b.c.d.e.olive}}{{/a}}\" == \"Almond\"",
            ["a": ["b": ["c": ["d": ["e": ["olive": "Almond"]]]]], "b": ["c": ["d": ["e": ["olive": "Barley"]]]]],
            gives: "\"Almond\" == \"Almond\""),
        MustacheCase(
            "{{#a}}{{b.c}}{{/a}}",
            ["a": ["b": [:]], "b": ["c": "WHEAT"]],
            gives: ""),
        MustacheCase(
            "{{a.b}}",
            ["a.b": "c"],
            gives: ""),
        MustacheCase(
            "{{a.b}}",
            ["a.b": "c", "a": ["b": "d"]],
            gives: "d"),
        MustacheCase(
            "Basil, {{.}}!\n",
            "anise",
            gives: "Basil, anise!\n"),
        MustacheCase(
            "honey: {{.}}\n",
            "& \" < >",
            gives: "honey: &amp; &quot; &lt; &gt;\n"),
        MustacheCase(
            "cheese: {{{.}}}\n",
            "& \" < >",
            gives: "cheese: & \" < >\n"),
        MustacheCase(
            "cheese: {{&.}}\n",
            "& \" < >",
            gives: "cheese: & \" < >\n"),
        MustacheCase(
            "\"{{.}} plum!\"",
            85,
            gives: "\"85 plum!\""),
        MustacheCase(
            "| {{oats}} |",
            ["oats": "---"],
            gives: "| --- |"),
        MustacheCase(
            "| {{{oats}}} |",
            ["oats": "---"],
            gives: "| --- |"),
        MustacheCase(
            "| {{&oats}} |",
            ["oats": "---"],
            gives: "| --- |"),
        MustacheCase(
            "  {{oats}}\n",
            ["oats": "---"],
            gives: "  ---\n"),
        MustacheCase(
            "  {{{oats}}}\n",
            ["oats": "---"],
            gives: "  ---\n"),
        MustacheCase(
            "  {{&oats}}\n",
            ["oats": "---"],
            gives: "  ---\n"),
        MustacheCase(
            "|{{ oats }}|",
            ["oats": "---"],
            gives: "|---|"),
        MustacheCase(
            "|{{{ oats }}}|",
            ["oats": "---"],
            gives: "|---|"),
        MustacheCase(
            "|{{& oats }}|",
            ["oats": "---"],
            gives: "|---|"),
    ]
}

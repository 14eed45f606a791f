import Mailroom

/// Cases that the module “inheritance” of the Mustache specification decides.
extension MustacheCase {
    static let inheritanceCases: [MustacheCase] = [
        MustacheCase(
            "{{$mill}}Forge mill{{/mill}}\n",
            [:],
            gives: "Forge mill\n"),
        MustacheCase(
            "{{$glen}}forge {{dale}} hill{{/glen}}\n",
            ["dale": "moor"],
            gives: "forge moor hill\n"),
        MustacheCase(
            "{{$glen}}forge {{{dale}}} hill{{/glen}}\n",
            ["dale": "<moor>"],
            gives: "forge <moor> hill\n"),
        MustacheCase(
            "{{$glen}}forge {{#dale}}{{moor}}{{/dale}} hill{{/glen}}\n",
            ["dale": ["moor": "kiln"]],
            gives: "forge kiln hill\n"),
        MustacheCase(
            "{{$glen}}forge {{^dale}}{{moor}}{{/dale}} hill{{/glen}}\n",
            ["moor": "road"],
            gives: "forge road hill\n"),
        MustacheCase(
            "{{$glen}}forge {{#dale}}{{moor}}{{/dale}} hill{{/glen}}\n",
            ["dale": ["moor": "{{kiln}}"]],
            gives: "forge {{kiln}} hill\n"),
        MustacheCase(
            "{{<sage}}{{/sage}}\n",
            [:],
            ["sage": "{{$glen}}forge hill{{/glen}}"],
            gives: "forge hill"),
        MustacheCase(
            "{{<spire}}{{$mill}}chapel{{/mill}}{{/spire}}",
            [:],
            ["spire": "...{{$mill}}Forge mill{{/mill}}..."],
            gives: "...chapel..."),
        MustacheCase(
            "{{<sage}}{{$lodge}}cottage{{/lodge}}{{/sage}}",
            ["lodge": "lodge cabin moss"],
            ["sage": "{{$lodge}}porch{{/lodge}}"],
            gives: "cottage"),
        MustacheCase(
            "{{<sage}}{{/sage}}",
            ["lodge": "lodge cabin moss"],
            ["sage": "{{$lodge}}porch{{/lodge}}"],
            gives: "porch"),
        MustacheCase(
            "test {{<attic}}{{$cellar}}pantry{{/cellar}}{{/attic}}",
            [:],
            ["attic": "{{$cellar}}...{{/cellar}}"],
            gives: "test pantry"),
        MustacheCase(
            "test {{<attic}}{{$cellar}}pantry1{{/cellar}}{{/attic}} {{<attic}}{{$cellar}}"
                + "pantry2{{/cellar}}{{/attic}}\n",
            [:],
            ["attic": "|{{$cellar}}...{{/cellar}}{{$forge}} forge{{/forge}}|"],
            gives: "test |pantry1 forge| |pantry2 forge|\n"),
        MustacheCase(
            "{{<attic}}{{$kitchen}}\nparlour\n\n:(\n{{/kitchen}}{{/attic}}",
            [:],
            ["attic": "{{$kitchen}}hall{{/kitchen}}"],
            gives: "parlour\n\n:(\n"),
        MustacheCase(
            "{{<attic}}{{$window}}shutter door{{/window}}{{/attic}}",
            [:],
            ["attic": "latch:\n  {{$window}}hinge{{/window}}\n"],
            gives: "latch:\n  shutter door\n"),
        MustacheCase(
            "{{<attic}}{{$cellar2}}pantry lettuce{{/cellar2}}{{/attic}}",
            [:],
            ["attic": "{{$cellar}}lamp{{/cellar}}, {{$cellar2}}candle{{/cellar2}}"],
            gives: "lamp, pantry lettuce"),
        MustacheCase(
            "{{>attic}}|{{<attic}}{{/attic}}",
            [:],
            ["attic": "{{$glen}}forge hill{{/glen}}"],
            gives: "forge hill|forge hill"),
        MustacheCase(
            "{{<attic}}{{$glen}}pantry{{/glen}}{{/attic}}",
            [:],
            [
                "attic": "{{$glen}}forge hill{{/glen}} {{$dale}}{{<attic2}}{{/attic2}}{{/dale}}",
                "attic2": "{{$glen}}attic2 forge hill{{/glen}} {{<attic}}{{$dale}}lantern torch{{/dale}"
                    + "}{{/attic}}",
            ],
            gives: "pantry pantry pantry lantern torch"),
        MustacheCase(
            "{{<attic}}{{$a}}c{{/a}}{{/attic}}",
            [:],
            [
                "attic": "{{<hearth}}{{$a}}p{{/a}}{{/hearth}}", "hearth": "{{<chimney}}{{$a}}o{{/a}}{{/chimney}}",
                "chimney": "{{$a}}g{{/a}}",
            ],
            gives: "c"),
        MustacheCase(
            "{{<attic}}{{/attic}}",
            [:],
            [
                "attic": "{{<hearth}}{{$a}}p{{/a}}{{/hearth}}", "hearth": "{{<chimney}}{{$a}}o{{/a}}{{/chimney}}",
                "chimney": "{{$a}}g{{/a}}",
            ],
            gives: "p"),
        MustacheCase(
            "{{<attic}} kettle {{$glen}}pan{{/glen}} ladle {{/attic}}",
            [:],
            ["attic": "{{$glen}}forge hill{{/glen}}"],
            gives: "pan"),
        MustacheCase(
            "{{<attic}} kettle ladle {{/attic}}",
            [:],
            ["attic": "{{$glen}}forge hill{{/glen}}"],
            gives: "forge hill"),
        MustacheCase(
            "{{<attic}}{{$elm}}I bowl {{cup}}.{{/elm}}{{/attic}}",
            ["cup": "jug", "plate": ["cup": "spoon"]],
            ["attic": "{{#plate}}{{$elm}}Fork bowl {{cup}}.{{/elm}}{{/plate}}"],
            gives: "I bowl spoon."),
        MustacheCase(
            "Garlic,\n  {{<attic}}{{/attic}}\n",
            [:],
            ["attic": "lane\nlettuce\n"],
            gives: "Garlic,\n  lane\n  lettuce\n"),
        MustacheCase(
            "{{<attic}}{{$elm}}\nlane\nlettuce{{/elm}}\n{{/attic}}\n",
            [:],
            ["attic": "Garlic,\n  {{$elm}}{{/elm}}\n"],
            gives: "Garlic,\n  lane\n  lettuce\n"),
        MustacheCase(
            "{{<attic}}{{$elm}}\n    lane\n    lettuce\n{{/elm}}{{/attic}}\n",
            [:],
            ["attic": "Garlic,\n  {{$elm}}\n  {{/elm}}\n"],
            gives: "Garlic,\n  lane\n  lettuce\n"),
        MustacheCase(
            "{{<attic}}{{$elm}}\nlane\nlettuce\n{{/elm}}{{/attic}}\n",
            [:],
            ["attic": "Garlic,\n{{$elm}}\n  forge\n{{/elm}}\n"],
            gives: "Garlic,\n  lane\n  lettuce\n"),
        MustacheCase(
            "{{<attic}}{{$plate}}\nroad\n{{/plate}}{{/attic}}\n",
            [:],
            [
                "attic": "{{<chimney}}{{$elm}}\n  lane\n  {{$plate}}\n    lettuce\n  {{/plate}}\n"
                    + "{{/elm}}{{/chimney}}\n", "chimney": "{{$elm}}forge{{/elm}}",
            ],
            gives: "lane\n  road\n"),
    ]
}

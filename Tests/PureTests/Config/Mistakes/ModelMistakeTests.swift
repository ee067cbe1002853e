import Testing

@Suite("mistakes of a configuration: models and targets") struct ModelMistakeTests {
    @Test("each is told with its place and its cure", arguments: cases)
    func told(_ example: MistakeCase) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let cases: [MistakeCase] = [
        MistakeCase(
            models: "",
            "1:1: \"models\" is missing; add \"models: ...\" (map of name to provider/model or settings)"),
        MistakeCase(
            models: "models: {}",
            "4:9: models: is empty; write \"NAME: PROVIDER/MODEL\""),
        MistakeCase(
            models: "models: [m]",
            "4:9: models: is not a map; write \"NAME: PROVIDER/MODEL\""),
        MistakeCase(
            models: "models: {m: x}",
            "4:13: models.m: \"x\" names no provider; write PROVIDER/MODEL"),
        MistakeCase(
            models: "models: {m: q/x}",
            "4:13: models.m: there is no provider \"q\"; write one of p, or add it under \"providers\""),
        MistakeCase(
            models: "models: {m: pp/x}",
            "4:13: models.m: there is no provider \"pp\"; write one of p, or add it under \"providers\""),
        MistakeCase(
            models: "models: {m: p/}",
            "4:13: models.m: the provider's name for the model is not valid; use 1 to 200 visible ASCII characters, without \" and \\"
        ),
        MistakeCase(
            models: "models: {\"a b\": p/x}",
            "4:10: models.\"a b\": this model name is not allowed; use 1 to 200 visible ASCII characters, without \", \\ and *"
        ),
        MistakeCase(
            models: "models: {\"a*\": p/x}",
            "4:10: models.\"a*\": this model name is not allowed; use 1 to 200 visible ASCII characters, without \", \\ and *"
        ),
        MistakeCase(
            models: "models: {m: {targets: []}}",
            "4:23: models.m.targets: is an empty list; write \"[{provider: NAME, model: NAME}]\""),
        MistakeCase(
            models: "models: {m: {}}",
            "4:10: models.m: \"targets\" is missing; add \"targets: ...\" (list of maps)"),
        MistakeCase(
            models: "models: {m: [p/x]}",
            "4:13: models.m: is not a map of settings; write \"strategy: ...\"; known here: strategy, aliases, sticky_by, targets"
        ),
        MistakeCase(
            models: "models: {m: ~}",
            "4:13: models.m: has no value; write \"strategy: ...\"; known here: strategy, aliases, sticky_by, targets"),
        MistakeCase(
            models: "models: {m: {strategy: weighted, targets: [{provider: p, model: x, weight: -2, shadow: 5%}]}}",
            "4:76: models.m.targets[0].weight: \"-2\" is not a whole number; write for example 0",
            "4:80: models.m.targets[0].shadow: is not supported by this version of weir; remove it"),
        MistakeCase(
            models: "models: {m: {strategy: priorty, targets: [p/x]}}",
            "4:24: models.m.strategy: \"priorty\" is no strategy of this version; write \"priority\""),
        MistakeCase(
            models: "models: {m: {strategy: fastest, targets: [p/x]}}",
            "4:24: models.m.strategy: \"fastest\" is no strategy of this version; write \"priority\", \"weighted\", \"lowest_latency\", \"lowest_cost\" or \"sticky\""
        ),
        MistakeCase(
            models: "models: {m: {aliases: [n, \"a b\"], targets: [p/x]}, n: p/y}",
            "4:9: models: \"n\" is a name of both \"n\" and \"m\"; keep it at one of them",
            "4:27: models.m.aliases[1]: this is no name of a model; use 1 to 200 visible ASCII characters, without \" and \\"
        ),
        MistakeCase(
            models: "models: {m: {sticky_by: user, targets: [p/x]}}",
            "4:25: models.m.sticky_by: \"user\" is nothing that requests have in common; write key or header:NAME"),
        MistakeCase(
            models: "models: {m: {targets: [{provider: p, model: x, canary: 5%}]}}",
            "4:24: models.m.targets[0]: is a canary, and nothing else serves the model; add a target without \"canary\""
        ),
        MistakeCase(
            models:
                "models: {m: {targets: [p/x, {provider: p, model: y, canary: 5}, {provider: p, model: z, when: {}}]}}",
            "4:61: models.m.targets[1].canary: \"5\" is not a percentage; write for example 5%",
            "4:95: models.m.targets[2].when: says nothing; write for example \"{teams: [NAME]}\", or leave it out"),
        MistakeCase(
            models:
                "models: {m: {targets: [{provider: p, model: y, when: {min_bytes: 9KiB, max_bytes: 8KiB, tags: [env]}}]}}",
            "4:83: models.m.targets[0].when.max_bytes: is less than min_bytes; write at least 9KiB",
            "4:96: models.m.targets[0].when.tags[0]: \"env\" is not a tag; write for example env=prod"),
        MistakeCase(
            models: "models: {m: {targets: [{provider: q}]}}",
            "4:24: models.m.targets[0]: \"model\" is missing; add \"model: ...\" (text)",
            "4:35: models.m.targets[0].provider: there is no provider \"q\"; write one of p, or add it under \"providers\""
        ),
        MistakeCase(
            models: "models: {m: {targets: [{provider: p, model: 'a\"b'}]}}",
            "4:45: models.m.targets[0].model: the provider's name for the model is not valid; use 1 to 200 visible ASCII characters, without \" and \\"
        ),
        MistakeCase(
            models: "models: {m: {targets: {provider: p}}}",
            "4:23: models.m.targets: is not a list; write \"[{provider: NAME, model: NAME}]\""),
    ]
}

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
            "4:13: models.m: is not a map of settings; write \"strategy: ...\"; known here: strategy, targets"),
        MistakeCase(
            models: "models: {m: ~}",
            "4:13: models.m: has no value; write \"strategy: ...\"; known here: strategy, targets"),
        MistakeCase(
            models: "models: {m: {strategy: weighted, targets: [{provider: p, model: x, weight: 2}]}}",
            "4:24: models.m.strategy: strategy \"weighted\" is not supported by this version of weir; write \"priority\"",
            "4:68: models.m.targets[0].weight: is not supported by this version of weir; remove it"),
        MistakeCase(
            models: "models: {m: {strategy: priorty, targets: [p/x]}}",
            "4:24: models.m.strategy: \"priorty\" is no strategy of this version; write \"priority\""),
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

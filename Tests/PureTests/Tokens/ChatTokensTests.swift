import Testing
import WeirTokens

/// The examples of the OpenAI cookbook, "How to count tokens with tiktoken", with the numbers that the API gave for them.
@Suite("Chat format") struct ChatFormatTests {
    static let jargon = ChatPrompt(messages: [
        .init(
            role: "system",
            content:
                "You are a helpful, pattern-following assistant that translates corporate jargon into plain English."),
        .init(role: "system", content: "New synergies will help drive top-line growth.", name: "example_user"),
        .init(
            role: "system", content: "Things working well together will increase revenue.", name: "example_assistant"),
        .init(
            role: "system",
            content:
                "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
            name: "example_user"),
        .init(
            role: "system", content: "Let's talk later when we're less busy about how to do better.",
            name: "example_assistant"),
        .init(
            role: "user",
            content: "This late pivot means we don't have time to boil the ocean for the client deliverable."),
    ])

    static let weather = ChatPrompt(
        messages: [
            .init(
                role: "system", content: "You are a helpful assistant that can answer to questions about the weather."),
            .init(role: "user", content: "What's the weather like in San Francisco?"),
        ],
        tools: [
            .init(
                name: "get_current_weather", description: "Get the current weather in a given location",
                properties: [
                    .init(name: "location", type: "string", description: "The city and state, e.g. San Francisco, CA"),
                    .init(
                        name: "unit", type: "string", description: "The unit of temperature to return",
                        values: ["celsius", "fahrenheit"]),
                ])
        ])

    @Test(
        "known answers",
        arguments: [
            ("gpt-4o", 124, 101), ("gpt-4o-mini-2024-07-18", 124, 101), ("gpt-4", 129, nil),
            ("gpt-3.5-turbo-0125", 129, nil),
            ("gpt-3.5-turbo-0301", 127, nil),
        ])
    func known(model: String, messages: Int, tools: Int?) {
        let isNewer = Encoding.of(model: model).vocabulary == "o200k_base"
        var counter = TokenCounter(isNewer ? TokenFixture.o200k : TokenFixture.cl100k)
        let format = ChatFormat.of(model: model)
        #expect(format.tokens(of: ChatFormatTests.jargon, &counter) == messages)
        if let tools { #expect(format.tokens(of: ChatFormatTests.weather, &counter) == tools) }
    }

    @Test("a closing full stop of a description is not counted") func fullStop() {
        var counter = TokenCounter(TokenFixture.o200k)
        func tokens(_ description: String) -> Int {
            let prompt = ChatPrompt(messages: [], tools: [.init(name: "f", description: description)])
            return ChatFormat.newer.tokens(of: prompt, &counter)
        }
        #expect(tokens("Does it.") == tokens("Does it"))
        #expect(tokens("Does it..") > tokens("Does it."))
    }

    @Test("a prompt without anything costs the answer's beginning") func empty() {
        var counter = TokenCounter(TokenFixture.o200k)
        #expect(ChatFormat.newer.tokens(of: ChatPrompt(messages: []), &counter) == 3)
    }
}

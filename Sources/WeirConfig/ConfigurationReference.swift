/// All settings of this version, from the tables that the readers use: the source of docs/configuration.md.
public enum ConfigurationReference {
    public struct Section: Sendable {
        /// Where it stands: `providers.NAME.timeouts`; empty for the top of the file.
        public let path: String
        public let settings: [Setting]
    }

    public static let sections: [Section] = [
        Section(path: "", settings: Reader.rootSettings),
        Section(path: "listen[]", settings: Reader.listenerSettings),
        Section(path: "listen[].tls", settings: Reader.tlsSettings),
        Section(path: "providers.NAME", settings: Reader.providerSettings),
        Section(path: "providers.NAME.credentials[] of bedrock", settings: Reader.accessKeySettings),
        Section(path: "providers.NAME.timeouts", settings: Reader.timeoutSettings),
        Section(path: "models.NAME", settings: Reader.modelSettings),
        Section(path: "models.NAME.targets[]", settings: Reader.targetSettings),
        Section(path: "models.NAME.targets[].when", settings: Reader.conditionSettings),
        Section(path: "teams.NAME", settings: Reader.teamSettings),
        Section(path: "keys[]", settings: Reader.keySettings),
        Section(path: "tags.NAME=VALUE", settings: Reader.boundSettings),
        Section(path: "budgets[] of a team, key or tag", settings: Reader.budgetSettings),
        Section(path: "limits of a team, key or tag", settings: Reader.rateLimitSettings),
        Section(path: "limits", settings: Reader.limitSettings),
        Section(path: "prices[]", settings: Reader.priceSettings),
        Section(path: "prices[].tiers[]", settings: Reader.priceTierSettings),
    ]

    /// The page, in Markdown.
    public static func markdown() -> String {
        var page = introduction
        for section in sections {
            page += "\n## \(section.path.isEmpty ? "The top of the file" : "`\(section.path)`")\n\n"
            page += "| setting | value | default | meaning |\n| --- | --- | --- | --- |\n"
            for setting in section.settings where setting.standing != .later {
                let fallback = setting.standing == .required ? "**required**" : setting.fallback
                page += "| `\(setting.name)` | \(cell(setting.type)) | \(cell(fallback)) | \(cell(setting.meaning)) |\n"
            }
            let later = section.settings.filter { $0.standing == .later }.map { "`\($0.name)`" }
            if !later.isEmpty { page += "\nNot supported by this version: \(later.joined(separator: ", ")).\n" }
        }
        return page
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }

    private static let introduction = """
        <!-- Made from the tables in Sources/WeirConfig/Sections by ConfigurationReference. A test compares; WEIR_UPDATE=1 rewrites. -->
        # Configuration

        One YAML file is the policy. `weir check --config weir.yaml` reports every mistake in it at once, each with line, column and what
        to write instead; unknown and misspelt settings are mistakes. A name may be set only once.

        - **Durations**: a whole number with `ms`, `s`, `m`, `h` or `d`: `250ms`, `2s`, `10m`.
        - **Amounts**: dollars with up to nine decimals: `$500`, `$0.01`.
        - **Sizes**: bytes, or a whole number with `KiB`, `MiB` or `GiB`: `64KiB`, `8MiB`.
        - **Prices**: dollars for a number of tokens or events, or for a time: `$0.10/M` (per million), `$10/K` (per thousand), `$0.01` (per event),
          `$0.36/h`, `$0.006/min`. They are exact, to a millionth of a millionth of a dollar.
        - **Secrets** are never in the file: `env:NAME` is the value of a variable, `file:PATH` the content of a file without its last line
          end.
        - **Paths** that are relative are relative to the configuration file.
        - **Patterns** are model names in which `*` stands for any characters. YAML wants quotes around one that begins with `*`.
        - **Names** of providers, teams and keys have 1 to 64 letters, digits, `-`, `_` and `.`; names of models 1 to 200 visible ASCII
          characters, without `"`, `\\` and `*`.

        A small one:

        ```yaml
        version: 1
        listen: 127.0.0.1:8080
        providers:
          openai: {dialect: openai, base_url: "https://api.openai.com/v1", credentials: [env:OPENAI_API_KEY]}
        models:
          gpt-4o: openai/gpt-4o-2024-11-20
        keys:
          - {id: ci, sha256: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b}   # of the text "secret"
        ```

        """
}

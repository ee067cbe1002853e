public import WeirBase
public import WeirRouting

extension Policy {
    /// The wire formats of providers that this version speaks.
    public enum DialectName: String, CaseIterable, Sendable {
        case openai, azure, anthropic, gemini, bedrock
    }

    /// What requests that belong together have in common, so that they find their prompt cache again at the same target.
    public enum StickyKey: Hashable, Sendable {
        /// The client's key.
        case key
        /// The value of this field, in small letters; the client's key where a request has none.
        case header(String)
    }

    /// An account with a base URL. A class, as is `Model`: a request that keeps one keeps one reference, not one for each array in it.
    public final class Provider: Sendable {
        public let name: String
        public let dialect: DialectName
        public let baseURL: BaseURL
        /// The dated version of the API that is asked for (`azure`, `anthropic`); nil leaves it to the dialect.
        public let apiVersion: String?
        /// Amazon's region, for signatures; nil where none is needed.
        public let region: String?
        /// Tried in this order; empty for a server that wants none.
        public let credentials: [Credential]
        /// A PEM file of the roots to trust in place of the system's, as a path from the working folder.
        public let caFile: String?
        public let timeouts: Timeouts
        /// Connections per loop.
        public let maxConnections: Int

        init(
            name: String, dialect: DialectName, baseURL: BaseURL, apiVersion: String?, region: String?,
            credentials: [Credential], caFile: String?, timeouts: Timeouts, maxConnections: Int
        ) {
            self.name = name
            self.dialect = dialect
            self.baseURL = baseURL
            self.apiVersion = apiVersion
            self.region = region
            self.credentials = credentials
            self.caFile = caFile
            self.timeouts = timeouts
            self.maxConnections = maxConnections
        }
    }

    /// A provider's key, or what requests to it are signed with.
    public struct Credential: Sendable {
        /// Where it came from, as it is written: `env:OPENAI_API_KEY`. Of an access key, where its secret part came from.
        public let source: String
        public let form: Form

        public enum Form: Sendable {
            /// Visible ASCII with spaces only inside: it can be the value of a header field.
            case key(Secret)
            case accessKey(AccessKey)
        }
    }

    /// Amazon's access key: each request is signed with it and neither part is sent but the id.
    public struct AccessKey: Sendable {
        public let id: String
        public let secret: Secret
        /// Of temporary credentials: sent beside the signature.
        public let sessionToken: Secret?
    }

    /// How long each part of a call of a provider may take.
    public struct Timeouts: Hashable, Sendable {
        /// Until the connection (with TLS) stands.
        public var connect = TimeSpan.seconds(5)
        /// From the request's last byte to the answer's first. An answer that is not streamed is complete by then, hence the length.
        public var firstByte = TimeSpan.seconds(600)
        /// Between two reads of an answer, and between two parts of a request that is being sent.
        public var idle = TimeSpan.seconds(120)
        /// For all of it.
        public var total = TimeSpan.seconds(3600)

        public init() {}
    }

    /// A name that clients ask for, and what it resolves to.
    public final class Model: Sendable {
        public let name: String
        /// Other names that clients may ask for; those with `*` are patterns, asked after all names.
        public let aliases: [Pattern]
        /// A name of `WeirRouting.Registry`.
        public let strategy: String
        public let stickyKey: StickyKey
        /// 1 to 64.
        public let targets: [Target]

        init(
            name: String, aliases: [Pattern] = [], strategy: String = "priority", stickyKey: StickyKey = .key,
            targets: [Target]
        ) {
            self.name = name
            self.aliases = aliases
            self.strategy = strategy
            self.stickyKey = stickyKey
            self.targets = targets
        }
    }

    /// A model of a provider.
    public struct Target: Hashable, Sendable {
        /// Index into `Policy.providers`.
        public let provider: Int
        /// The provider's name for the model.
        public let model: String
        /// The same as a JSON string with its quotes, to splice into a body.
        public let modelJSON: [UInt8]
        /// What the configuration says of the model's own limits; nil leaves it to the price table.
        public let maxInputTokens: Int?
        public let maxOutputTokens: Int?
        /// Its share among the targets of the route, where the strategy goes by shares. 0 to 1,000,000; 0 only stands in for others.
        public let weight: Int
        /// The requests that it is for; nil takes all.
        public let condition: Condition?
        /// The share of requests that try it first, where it is on trial.
        public let trialShare: Share?

        init(
            provider: Int, model: String, maxInputTokens: Int? = nil, maxOutputTokens: Int? = nil, weight: Int = 1,
            condition: Condition? = nil, trialShare: Share? = nil
        ) {
            self.weight = weight
            self.condition = condition
            self.trialShare = trialShare
            self.provider = provider
            self.model = model
            self.maxInputTokens = maxInputTokens
            self.maxOutputTokens = maxOutputTokens
            modelJSON = Array("\"\(model)\"".utf8)  // isModelByte: nothing in it needs escaping
        }
    }
}

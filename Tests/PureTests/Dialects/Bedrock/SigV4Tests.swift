import Testing
import WeirBase

@testable import WeirDialects

@Suite("AWS Signature Version 4") struct SigV4Tests {
    static func signer(token: String? = nil, region: String = "us-east-1", service: String = "service") -> SigV4 {
        SigV4(
            accessKey: "AKIDEXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            sessionToken: token.map { Secret($0) }, region: region, service: service)
    }

    static func digest(_ body: String) -> Digest256 { SHA256State.digest(Array(body.utf8).span) }

    /// `get-vanilla` and `post-vanilla` of Amazon's published test suite.
    @Test("Amazon's own vectors") func vectors() throws {
        let now = try #require(WallTime("2015-08-30T12:36:00Z"))
        var signer = Self.signer()
        let get = signer.sign(
            "GET", path: "/", host: "example.amazonaws.com", contentType: nil, bodyDigest: Self.digest(""), at: now)
        #expect(get.date == "20150830T123600Z")
        #expect(
            get.authorization
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        )
        let post = signer.sign(
            path: "/", host: "example.amazonaws.com", contentType: nil, bodyDigest: Self.digest(""), at: now)
        #expect(
            post.authorization.hasSuffix(
                "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"))
    }

    /// Made by `Tests/Dialects/sign.py` with botocore: access key, secret key, token, region, time, host, model, stream, body, authorization.
    @Test("what botocore signs") func botocore() throws {
        let lines = BedrockFixture.lines("sigv4.tsv")
        #expect(lines.count == 200)
        for line in lines {
            try #require(line.count == 10)
            var signer = SigV4(
                accessKey: line[0], secretKey: Secret(line[1]), sessionToken: line[2].isEmpty ? nil : Secret(line[2]),
                region: line[3])
            let fields = signer.sign(
                path: BedrockPath.path(model: line[6], stream: line[7] == "true"), host: line[5],
                bodyDigest: Self.digest(line[8]), at: try #require(WallTime(line[4])))
            #expect(fields.authorization == line[9])
        }
    }

    @Test("the key of a day is not the next day's") func days() throws {
        let times = ["2026-11-25T23:59:59Z", "2026-11-26T00:00:00Z", "2026-11-25T00:00:00Z"].compactMap { WallTime($0) }
        #expect(times.count == 3)
        var kept = Self.signer()
        for now in times {
            var fresh = Self.signer()
            func sign(_ signer: inout SigV4) -> SigV4.Fields {
                signer.sign(path: "/model/m/converse", host: "h", bodyDigest: Self.digest("{}"), at: now)
            }
            #expect(sign(&kept) == sign(&fresh))
        }
    }

    @Test("every part of a request is signed") func parts() throws {
        let now = try #require(WallTime("2026-11-25T03:40:00Z"))
        func sign(
            path: String = "/model/a%3A0/converse", host: String = "h", type: String? = "application/json",
            body: String = "{}", token: String? = nil, region: String = "r", service: String = "bedrock"
        ) -> String {
            var signer = Self.signer(token: token, region: region, service: service)
            let fields = signer.sign(path: path, host: host, contentType: type, bodyDigest: Self.digest(body), at: now)
            return String(fields.authorization.suffix(64))
        }
        let all = [
            sign(), sign(path: "/model/a:0/converse"), sign(host: "g"), sign(type: nil), sign(type: "text/plain"),
            sign(body: "{ }"), sign(token: "t"), sign(region: "q"), sign(service: "bedrock-mantle"),
        ]
        #expect(Set(all).count == all.count)
        #expect(sign() == sign())
    }

    @Test("paths encode all but unreserved characters") func paths() {
        #expect(
            BedrockPath.path(model: "anthropic.claude-v1:0", stream: false) == "/model/anthropic.claude-v1%3A0/converse"
        )
        #expect(
            BedrockPath.path(model: "arn:aws:bedrock:r:1:inference-profile/x y", stream: true)
                == "/model/arn%3Aaws%3Abedrock%3Ar%3A1%3Ainference-profile%2Fx%20y/converse-stream")
    }
}

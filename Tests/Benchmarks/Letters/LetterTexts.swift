/// Letters of varied text: a title and four paragraphs of some 800 characters, no two alike.
struct LetterTexts {
    let title: String
    let paragraphs: [String]

    /// The same letters on every machine.
    static func make(_ count: Int) -> [LetterTexts] {
        var random: UInt64 = 0x2545_F491_4F6C_DD1D
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        func sentence() -> String {
            var words = (0..<(6 + next(16))).map { _ in Self.words[next(Self.words.count)] }
            words[0] = words[0].prefix(1).uppercased() + words[0].dropFirst()
            if words.count > 12 { words[words.count / 2] += "," }
            return words.joined(separator: " ") + "."
        }
        return (0..<count).map { number in
            let paragraphs = (0..<4).map { _ in
                var text = sentence()
                while text.utf8.count < 780 { text += " " + sentence() }
                return text
            }
            return LetterTexts(title: "Lettre de volontariat \(number)", paragraphs: paragraphs)
        }
    }

    /// The texts in WinAnsi, each ended by a zero, as C has them.
    var winAnsi: [[CChar]] {
        ([title] + paragraphs).map { text in
            text.unicodeScalars.map { CChar(bitPattern: $0 == "œ" ? 0x9C : UInt8(truncatingIfNeeded: $0.value)) } + [0]
        }
    }

    private static let words = """
        madame monsieur nous certifions par la présente que le bénévole a contribué à nos activités équestres pendant \
        saison les séances du mercredi et samedi matin ont été assurées avec soin quel que soit temps au manège comme \
        extérieur elle il s'est montré disponible patient attentif chevaux cavaliers débutants confirmés comité tient \
        remercier chaleureusement cet engagement sans lequel nos portes ouvertes concours sorties familles n'auraient pas \
        eu lieu heures données ne figurent sur aucun bulletin de paie mais elles comptent pour chacun des membres notre \
        association cœur club avenir jeunes projet rencontre fête printemps été automne hiver 2025 2026 128 64 route \
        chemin forêt prairie sellerie matériel sécurité confiance plaisir progrès ensemble âge niveau transmettre savoir \
        expérience validation acquis employeur établissement enseignement dossier attestation valoir droit
        """.split(separator: " ").map(String.init)
}

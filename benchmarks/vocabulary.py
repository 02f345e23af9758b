"""Words for invented articles: nouns, verbs, adjectives and adverbs of English and French, and what is made of them.

Verbs are regular ones; an English verb with a star doubles its last letter. French nouns stand in two lists, by gender.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

_VOWELS = "aeiou"
_ELIDED = "aeiouyhâàéèêëîïôœû"

_ENGLISH = {
    "noun": "government year city country minister water law party election budget school market bank court police army border price worker union hospital doctor patient farmer harvest village street bridge tunnel station train driver airport flight storm flood fire forest river lake coast island mountain valley desert season summer winter spring autumn morning evening night week month decade century history culture language religion church mosque temple museum gallery theatre stage film actor singer band concert festival book novel poem author reader library painting painter sculpture exhibition architect building tower house flat roof wall window door kitchen garden park square statue monument castle palace prison guard judge jury lawyer witness suspect victim crime theft murder trial sentence appeal verdict fine prosecutor detective investigation inquiry evidence weapon knife gun bullet bomb attack soldier officer general war battle victory defeat peace treaty ceasefire refugee migrant visa passport embassy ambassador diplomat president senator deputy mayor governor council committee parliament senate assembly debate speech vote ballot campaign candidate rival coalition opposition majority minority reform bill amendment constitution decree ban permit licence tax duty tariff subsidy grant loan debt deficit surplus inflation recession growth economy industry factory plant mine worker strike wage salary pension job career employer employee manager director chairman board shareholder investor investment fund stock bond currency dollar euro pound profit loss revenue cost sale customer consumer product brand label shop store supermarket restaurant bar hotel tourist visitor guide beach resort hill path road motorway lane traffic jam car lorry bus tram bicycle motorcycle ship boat ferry port harbour dock cargo container crew captain pilot passenger ticket seat luggage suitcase journey trip voyage route map compass satellite rocket planet star moon sun sky cloud wind rain snow ice heat drought climate temperature degree pollution carbon emission gas oil coal fuel energy power electricity grid reactor turbine panel battery engine motor machine robot computer software network server code password phone screen camera device sensor chip laboratory scientist researcher professor student pupil teacher lesson class exam degree university college campus faculty theory experiment method model sample survey poll figure percentage average rate level trend peak record result finding study paper journal chapter page sentence word letter sound voice silence noise music song melody rhythm instrument piano guitar drum violin orchestra choir conductor audience applause prize award medal trophy champion team player coach manager referee match game goal penalty corner injury knee ankle shoulder muscle heart lung brain blood bone skin disease virus infection vaccine drug medicine dose treatment therapy surgery surgeon nurse clinic ward bed ambulance emergency accident crash collision victim survivor rescue helicopter fireman brigade siren alarm warning danger risk threat fear hope anger joy grief memory dream sleep mind thought idea plan project proposal agreement deal contract clause condition demand offer request complaint lawsuit claim right freedom duty responsibility power authority leader leadership adviser spokesman spokeswoman secretary assistant colleague neighbour friend enemy stranger family mother father parent child baby daughter son sister brother uncle aunt cousin grandmother grandfather wife husband couple marriage wedding divorce birth death funeral grave cemetery inheritance property land field meadow pasture farm barn tractor cow sheep goat pig horse dog cat bird eagle wolf bear fox deer rabbit mouse rat insect bee butterfly fish salmon tuna whale dolphin shark seal turtle snake frog tree oak pine leaf flower rose seed root fruit apple pear orange lemon grape olive wheat rice maize potato tomato onion bread cheese butter milk egg meat beef chicken soup salad dish recipe cook chef meal breakfast lunch dinner table chair bench lamp candle mirror carpet curtain blanket pillow shirt coat dress shoe boot hat glove scarf ring necklace watchmaker jewel diamond gold silver copper iron steel glass wood stone brick concrete sand clay paint brush canvas frame thread cloth wool cotton silk leather rope chain hook hammer nail saw drill ladder bucket bottle barrel box basket bag parcel package envelope stamp coin note wallet purse key lock gate fence hedge ditch canal lock weir dam reservoir pipe pump tap drain sewer rubbish waste landfill recycling compost",
    "abstract": "approach attempt absence access achievement act action activity addition adventure advice affair agenda aid aim ambition analysis announcement answer anxiety appearance appetite area argument arrangement arrest arrival aspect assessment assumption atmosphere attention attitude background balance barrier basis beginning behaviour belief benefit birthday boost boundary breakthrough burden calculation capacity case caution challenge chance change chaos character charge choice circumstance collapse comfort commitment community comparison competition compromise concern conclusion confidence conflict confusion consequence consideration context contrast contribution controversy conversation corruption courage creation crisis criticism crowd damage deadline decision decline defence delay delegation delivery demonstration departure desire detail development difference difficulty dignity direction disappointment disaster discipline discovery discussion dispute distance distribution doubt draft effect effort element emphasis encounter enthusiasm environment episode equality error escape estimate event example exception exchange excitement excuse exercise existence expansion expectation expense experience expert explanation explosion expression extension extent failure faith fate favour feature feeling fight focus force formula foundation fraud function future generation gesture habit handful hearing height honour humour identity illusion image impact implication importance impression improvement incident income increase independence influence initiative innovation insight inspection instinct institution insurance intention interest interpretation intervention invention invitation issue justice knowledge lack legacy legend limit link location logic luck maintenance matter meaning measure meeting mention mission mistake mixture moment momentum mood motive movement mystery nature negotiation objection obligation observation obstacle occasion operation opinion opportunity option order origin outcome outrage pace panic partnership passion patience pattern pause payment performance period permission perspective phase phrase pleasure policy position possibility potential poverty practice praise prediction preparation presence pressure principle priority privacy privilege procedure process progress promise promotion proof proportion prospect protection protest pride purpose pursuit quality quantity question reaction reality reason recognition recommendation recovery reduction reference reflection regime region regret regulation relation relationship relief reluctance reminder removal repair replacement representative reputation resistance resolution resource response restriction retirement return revelation revenge revolution reward rhetoric ritual role routine rule rumour sacrifice safety sanction satisfaction scale scandal scene scheme scope secrecy secret sector security sense series service settlement shadow shift shock shortage significance situation skill society solution source speculation speed spirit stability statement status strategy strength stress structure struggle style subject success suggestion suspicion symbol sympathy system talent target task taste technique technology tension territory testimony tolerance topic tradition tragedy transfer transition trouble truth turnout uncertainty understanding unity upgrade urgency value variety vision volume vulnerability weakness wealth welfare wisdom withdrawal",
    "verb": "accept accuse achieve acquire adapt adopt advance advise affect aim alter analyse announce anticipate approach approve arrange arrest assemble assess assist assume assure attack attend attract avoid back balance barricade block borrow bomb boost calculate cancel capture carry cause celebrate challenge change charge chase check cite claim classify clean clear collect combine compare compensate complete conceal condemn confirm confront connect consider construct consult contain contradict control convert convince criticise cross damage declare decorate defeat defend delay deliver demand demolish denounce deny describe deserve design destroy detain detect determine develop dictate dig* dismiss display dispute distribute document dominate donate double doubt drag* dread drop* earn educate elect eliminate embrace employ enable encourage endorse enforce enjoy enlarge escort establish estimate evacuate evaluate examine exceed exchange exclude excuse execute expand expect explain explore export expose extend fear finance finish force frame free fulfil* fund gather govern grant greet guarantee guard guide halt handle harass harm harvest haunt honour host identify ignore illustrate imagine impose impress improve include increase indicate influence inform inherit inspect inspire install insult interpret interrupt interview introduce invade invent investigate invite involve isolate issue join judge justify kick kidnap* kill label launch lease limit link list load lock lower maintain manage measure mention miss monitor move murder name need negotiate nominate notice obey observe obtain occupy offend offer open operate oppose order organise outline overturn owe own paint pardon pass perform permit* persuade place plan* plant postpone praise predict prefer* prepare present preserve prevent process produce prohibit promise promote propose protect prove provide provoke publish pull punish purchase push question raise reach realise recall receive recognise recommend record recover recruit reduce refuse regard regret* regulate reject release remember remind remove renew repair repeat replace represent request require rescue resist resolve respect restore restrict retain reveal reverse review revise revive ridicule risk rob* rule sabotage sacrifice sample satisfy scan* scare schedule secure seize select separate serve settle shape shift shock slam* slow smuggle solve spark spoil stage start startle steer stop* strengthen study submit* suffer suggest summon surprise surround survey suspect suspend sustain tackle target tax tease terrify test thank threaten tolerate touch trace trade train transfer* transform translate transport treat trigger trust uncover undermine unite update urge use value veto visit wait walk want warn wash waste welcome widen witness worry wound",
    "adjective": "able abrupt absent absurd academic acceptable accurate active actual additional adequate adult aggressive ambitious ancient angry annual anonymous anxious apparent armed artificial asleep automatic available average aware awkward bare basic beautiful bitter black bland blank bleak blind blue bold brave brief bright brilliant broad broken brown brutal busy calm capable careful careless casual cautious central certain cheap cheerful chemical chief civil classic clean clear clever cold colourful comfortable common compact competent competitive complete complex confident conscious conservative considerable constant contemporary controversial convenient conventional cool correct corrupt costly courageous crazy creative criminal critical crowded crucial cruel curious current daily damp dangerous dark dead deadly deaf dear decent decisive deep defensive deliberate delicate democratic dense desperate different difficult digital dim dire direct dirty distant distinct domestic dominant double dramatic dry due dull eager early eastern easy economic educated effective efficient elaborate elderly elected electric electronic elegant emotional empty endless enormous entire equal essential ethnic evident exact excellent exclusive exotic expensive experimental explicit exposed extensive external extra extraordinary extreme fair familiar famous fantastic fatal favourable federal fellow female fierce final financial firm fit flat flexible foreign formal former fortunate fragile frequent fresh friendly frozen full fundamental funny furious gentle genuine giant global golden good gradual grand grateful grave great green grey gross guilty handsome happy harsh healthy heavy helpful hidden high historic hollow honest hopeful horrible hostile hot huge human humble hungry ideal illegal immediate immense imminent impatient imperial important impossible impressive inadequate incredible independent indirect individual industrial inevitable informal inner innocent instant intact intense internal invisible inner joint junior just keen known large late lasting lateral leading lean left legal legitimate lengthy liberal light likely limited literary little local lonely long loose loud lovely low loyal lucky mad main major male marginal marine massive mature maximum mean mechanical medical medieval mental mere middle mild military minimal minor missing mixed mobile moderate modern modest monthly moral muddy municipal musical mutual narrow nasty national native natural nearby neat necessary negative nervous neutral noble noisy nominal normal northern notable notorious novel nuclear numerous obvious occasional odd official old open opposite optimistic ordinary organic original outdoor outer outstanding overall painful pale parallel parliamentary partial passionate passive past patient peaceful peculiar perfect permanent personal pessimistic physical plain plausible pleasant poetic polite political poor popular positive possible powerful practical precious precise predictable pregnant present preliminary previous primary prime principal private probable productive professional profitable prominent promising proper prosperous proud provincial public pure quick quiet radical random rapid rare raw ready real reasonable recent red regional regular reluctant remarkable remote residential respectable responsible rich ridiculous rigid rival robust romantic rough round royal rude ruling rural sad safe scarce scientific secondary secret secular secure select senior sensible sensitive separate serious severe shallow sharp short shy sick silent similar simple sincere single skilled slight slim slow small smart smooth social soft solar solid sophisticated southern spare special specific spectacular stable standard steady steep stiff strange strategic strict strong stubborn stupid subsequent substantial subtle successful sudden sufficient suitable superb superior surprising suspicious sweet swift symbolic sympathetic systematic talented tall technical temporary tender tense terrible thick thin thorough tight tiny tired tough toxic traditional tragic tropical true typical ugly ultimate unable unanimous uncertain unclear uneasy unexpected unfair unhappy uniform unique universal unknown unlikely unpopular unprecedented unstable unusual upper urban urgent useful usual vacant vague valid valuable variable various vast verbal viable violent virtual visible visual vital vivid voluntary vulnerable warm weak wealthy weekly weird western wet white whole wide wild willing wise wooden worldwide worried worthy wrong yellow young",
    "adverb": "abruptly again ago almost already also always apparently badly barely briefly broadly calmly carefully certainly clearly closely constantly currently deliberately directly eagerly early easily effectively entirely eventually exactly finally formally fully generally gradually greatly hardly heavily immediately initially jointly largely lately likely mainly merely mostly nearly never newly obviously occasionally officially often once openly originally partly perhaps personally plainly possibly precisely previously privately probably promptly properly publicly quickly quietly quite rarely rather readily recently regularly reluctantly repeatedly reportedly roughly seldom seriously sharply silently simply slightly slowly sometimes soon steadily still strictly strongly suddenly swiftly temporarily together twice unanimously unexpectedly usually widely",
    "first": "Adam Agnes Alan Alice Amir Andrea Anna Arthur Beth Boris Carla Cecil Clara Colin Dana David Diana Edith Elena Emma Erik Eva Fatima Felix Frank Grace Hannah Harold Helen Hugo Ian Ingrid Irene Ivan Jack James Jane Joan John Julia Karen Karl Laura Leo Lena Linda Lucy Luke Marco Maria Mark Martha Martin Mary Maya Michael Mira Nadia Nick Nina Nora Omar Oscar Otto Paul Peter Philip Rachel Ralph Rita Robert Rosa Ruth Sam Sara Simon Sofia Stella Susan Tariq Thomas Tina Tom Vera Victor Wanda William Yusuf Zoe",
    "institution": "Council Institute Ministry Foundation Society Association Agency Commission Authority Party Bank Group Company Club University College Hospital Museum Trust Federation Union Court Board Bureau Department Office Alliance Movement League Network Fund Academy Orchestra Library",
}  # fmt: skip

_FRENCH = {
    "masculine": "gouvernement pays maire ministre président député sénateur conseil comité parlement sénat débat discours vote scrutin candidat rival accord projet plan budget impôt tarif prêt déficit excédent marché prix salaire emploi patron salarié ouvrier syndicat chantier atelier secteur produit client magasin restaurant hôtel touriste visiteur guide port bateau navire équipage capitaine pilote passager billet siège bagage voyage trajet chemin train tramway autobus camion vélo moteur avion vol aéroport tunnel pont quai canal barrage réservoir tuyau fleuve lac rivage littoral désert sommet vallon village quartier bâtiment immeuble toit mur jardin parc monument château palais musée théâtre film acteur chanteur concert festival livre roman poème auteur lecteur tableau peintre sculpteur architecte tribunal juge avocat témoin suspect crime vol meurtre procès verdict appel recours procureur enquêteur couteau fusil soldat officier général conflit combat traité réfugié migrant visa passeport diplomate ambassadeur consul siècle printemps été automne hiver matin soir mois jour instant moment passé avenir climat degré nuage vent orage incendie gaz pétrole charbon carburant courant réacteur panneau robot ordinateur logiciel réseau serveur téléphone écran appareil capteur laboratoire chercheur savant professeur étudiant élève cours examen diplôme lycée collège campus modèle échantillon sondage chiffre taux niveau résultat rapporteur chapitre mot son silence bruit chant instrument piano violon tambour orchestre chœur public prix trophée champion joueur entraîneur arbitre match but genou muscle cœur poumon cerveau sang os virus vaccin médicament traitement chirurgien médecin infirmier malade patient lit secours hélicoptère pompier danger risque espoir chagrin souvenir rêve sommeil esprit contrat article droit devoir pouvoir dirigeant conseiller secrétaire collègue voisin ami ennemi inconnu parent enfant père fils frère oncle cousin mari couple mariage divorce décès cimetière héritage terrain champ pré tracteur mouton cheval chien chat oiseau aigle loup ours renard cerf lapin poisson saumon dauphin requin serpent arbre chêne pin fruit raisin citron blé riz maïs pain fromage beurre lait œuf bœuf poulet repas dîner plat chef couteau banc miroir tapis rideau manteau chapeau gant anneau diamant or argent cuivre fer acier verre bois sable béton fil tissu coton cuir crochet marteau clou seau tonneau panier sac colis portail fossé égout déchet abandon accueil achat acte affrontement âge ajustement alibi ancrage apport arbitrage argument arrêt aspect assaut atout avantage avertissement aveu balancement bénéfice besoin bilan blocage bouleversement calcul calendrier cadre caractère centre changement choix coût courage critère déclin défaut défi délai départ désaccord désir détail détour développement dialogue discrédit dispositif domaine doute échange échec éclairage écart effet effort élan élément emploi enjeu ensemble entretien équilibre espace essai essor établissement état événement examen exemple exercice exil facteur fait financement fonctionnement fonds geste groupe hasard hommage honneur humour idéal impact indice intérêt investissement jugement lieu loisir maintien malaise malentendu manque mécanisme mélange mérite métier mouvement mystère obstacle objectif office ordre organisme parcours partenaire patrimoine paysage péril personnage phénomène plaisir point portrait potentiel principe problème procédé processus profit programme progrès propos rassemblement recul refus regain regard registre regret renfort renouveau repli report rôle rythme scandale scénario secret sens service signal signe soin sort souci soupçon soutien statut style succès sujet symbole système talent témoignage temps terme territoire thème titre tournant trait transfert travail trouble usage vertige vestige",
    "feminine": "ville région commune province capitale frontière loi réforme élection campagne majorité minorité opposition coalition assemblée commission séance motion taxe dette subvention monnaie banque inflation croissance crise économie industrie usine mine grève retraite pension carrière entreprise société filiale marque vente dépense recette perte action bourse boutique auberge plage station côte île montagne vallée colline forêt rivière source mer tempête pluie neige glace chaleur sécheresse inondation température pollution énergie centrale turbine batterie électricité machine caméra puce route rue place avenue autoroute voie gare ligne voiture moto ambulance cargaison valise carte fusée planète étoile lune école classe leçon université faculté théorie expérience méthode étude enquête moyenne tendance hausse baisse page phrase lettre parole voix musique chanson mélodie guitare scène salle exposition galerie peinture statue sculpture tour maison chambre cuisine fenêtre porte cour prison garde police armée guerre bataille victoire défaite paix trêve ambassade arme bombe balle attaque victime peine amende preuve accusation plainte justice santé maladie infection dose thérapie opération clinique infirmière blessure épaule cheville jambe main tête peau urgence alerte menace peur colère joie mémoire idée pensée proposition offre demande clause condition liberté responsabilité autorité porte-parole directrice présidente ministre députée maire voisine amie famille mère fille sœur tante cousine épouse naissance mort tombe propriété terre prairie ferme grange vache chèvre abeille fleur rose graine racine feuille pomme poire orange olive tomate pomme soupe salade recette viande table chaise lampe bougie couverture chemise robe chaussure botte écharpe bague chaîne corde échelle bouteille boîte enveloppe pièce clé serrure barrière haie digue pompe absence abstention acceptation accumulation activité adaptation adhésion affaire affirmation agitation aide allusion ambition amélioration analyse annonce apparence approche appréciation aptitude arrivée aspiration assurance attente attention audace augmentation aventure bienveillance brutalité cadence capacité catastrophe cause certitude chance chute circonstance clarté cohérence collaboration communauté comparaison compétence complicité concession conclusion concurrence confiance confusion conséquence construction contestation contrainte contribution controverse conviction coopération corruption coutume création curiosité décision déclaration découverte défense définition délégation démarche démission désignation destruction détermination difficulté dignité diplomatie direction discipline discrétion discussion disparition dispute distance distribution diversité division douleur durée échéance éducation efficacité élégance émotion enfance enveloppe épreuve époque équipe erreur espérance estimation étape évaluation évidence évolution exception existence exigence explication exploitation extension façon faiblesse fermeté fermeture fiction fidélité fierté figure finance foi fonction force formation formule fortune fragilité fraude gestion génération gloire gravité habitude hésitation histoire honte identité illusion importance impression incertitude indépendance indignation influence initiative inquiétude instance intention interdiction intervention intuition invention issue jeunesse lacune légende lenteur liaison limite logique lutte manifestation manière manœuvre marche marge matière méfiance menace mesure mission modestie morale naïveté nature nécessité négociation notion nuance obligation observation occasion œuvre offensive ombre opinion origine ouverture panique participation passion patience pauvreté pénurie performance période perspective perte phase piste politique portée position possibilité précaution précision préférence préparation présence pression prévision priorité procédure production profession progression promesse proportion protection prudence puissance qualité quantité querelle question raison rareté réaction réalité réception recherche récompense reconnaissance reconstruction réduction réflexion règle relance relation remarque rencontre rénovation réparation répétition réponse représentation réputation réserve résistance résolution ressource restriction réunion réussite révélation révolution richesse rigueur rivalité rumeur rupture sagesse sanction satisfaction sécurité sensation série sévérité signification situation solidarité solution sortie souffrance souplesse stabilité stratégie structure suggestion surface surprise survie suspension sympathie tactique tâche technique tension tentative tolérance tradition tragédie trahison transition transparence trace union valeur vanité variété vengeance vérité version vigilance violence vision vitesse volonté vulnérabilité",
    "verb": "abandonner aborder accepter accompagner accorder accuser adapter admirer adopter affecter affirmer aggraver aider ajouter alimenter améliorer analyser annoncer annuler apaiser appliquer apporter approuver arracher arrêter assurer attaquer attirer autoriser barrer bloquer bombarder bouleverser briser brûler cacher calculer calmer capturer causer céder célébrer changer chanter charger chasser chercher choquer citer combler commander commencer comparer compenser compléter compliquer composer condamner confirmer confisquer conserver considérer consoler constater consulter contacter contester contourner contrôler convoquer copier corriger coucher couper couronner craquer créer creuser critiquer cultiver débloquer déclarer déclencher décorer décourager dédier déjouer délaisser délivrer demander démanteler dénoncer dépasser déplacer déplorer déposer déranger désigner dessiner détecter déterminer détourner développer deviner dévoiler dicter diffuser diminuer discuter dissimuler distinguer distribuer diviser dominer donner doubler douter durer éclairer écarter échanger écouter écraser éduquer effacer effrayer élaborer éliminer embarrasser embaucher empêcher employer emporter encadrer encourager endommager enfermer engager enlever enregistrer enseigner entamer entourer entraîner envisager épouser éprouver équiper escorter espérer essayer estimer étaler étonner étudier évacuer évaluer éviter évoquer examiner exécuter exiger expliquer exploiter explorer exporter exposer fabriquer faciliter favoriser financer fixer forcer former franchir frapper fréquenter gagner garder gérer glisser goûter guider habiter hériter honorer ignorer illustrer imaginer imiter imposer incarner inciter indiquer influencer informer inquiéter inspecter inspirer installer insulter intégrer intéresser interpréter interroger inventer inviter invoquer irriter isoler jeter jouer juger justifier lâcher laisser lancer libérer limiter livrer louer manquer marquer masquer mêler menacer mener mentionner mériter mesurer mobiliser modérer modifier montrer moquer motiver négliger négocier nettoyer nier nommer noter nourrir nuancer obliger observer occuper opposer ordonner organiser oser oublier pardonner parler partager payer pénaliser perfectionner perturber placer plaider planter pleurer porter poser pousser pratiquer précipiter préciser préférer préparer présenter préserver présider prêter priver privilégier proclamer procurer programmer prolonger prononcer proposer protéger prouver provoquer quitter raconter ramener rappeler rapporter rassembler rassurer rater rattraper réaliser réclamer recommander récompenser reconsidérer rectifier récupérer réformer refuser regarder régler regretter rejeter relancer relever remarquer remercier remplacer renforcer renouveler rénover renverser réparer repérer répéter reporter repousser représenter reprocher réserver résumer retarder retirer retourner retrouver réveiller révéler rêver risquer ruiner sacrifier saluer sauver secouer séparer serrer signaler simplifier situer solliciter souhaiter souligner stimuler stopper suggérer surmonter surveiller suspecter tenter terminer tester tirer tolérer tourner tracer traiter transformer transporter traverser tromper troubler tuer utiliser valider valoriser vanter varier veiller vérifier verser vexer viser visiter voiler voler voter",
    "adjective": "absolu absurde académique actif actuel adroit agricole agressif ambigu ambitieux amer amical ample ancestral anonyme antique anxieux apparent ardent aride armé artificiel artisanal assidu audacieux autonome aveugle banal bas bref brillant brutal calme capital central certain chaud chimique civil clair classique clandestin collectif colonial commercial commun compact complet complexe concret confidentiel confus considérable constant contraire correct costaud courageux courant coupable créatif criminel critique cruel culturel curieux dangereux décisif délicat démocratique dense désert désespéré difficile digital direct discret distant divers domestique dramatique droit dur durable économique efficace égal électoral électrique élégant émouvant énergique énorme entier épais essentiel étranger étroit évident exact excellent exceptionnel exclusif expérimental explicite extérieur extraordinaire extrême fabuleux facile faible fameux familial familier fatal favorable fédéral féminin féroce fertile fidèle fier final financier fiscal flagrant flexible fluvial fondamental formel fort fragile franc fréquent frivole froid furieux futur gai général généreux génial gigantesque global gracieux gradué grandiose gratuit grave grossier habile habituel hautain héroïque hésitant historique honnête honteux hostile humain humble idéal identique illégal illustre immense imminent immobile important impossible imprévu incertain inconnu indépendant indirect individuel industriel inédit inégal inévitable inférieur informel initial innocent inquiet insolite instable intact intégral intellectuel intense intérieur intermédiaire international intime inutile invisible ironique isolé jaloux judiciaire juridique juste laïque large légal léger légitime lent libéral libre limité littéraire local logique lointain lourd loyal lucide magnifique majeur malade maladroit malin manifeste maritime martial massif matériel maternel mauvais maximal mécanique médical médiéval médiocre méfiant mémorable mental mérité militaire mince mineur minimal ministériel mobile modéré moderne modeste mondial monétaire montagnard moral mortel moyen multiple municipal mural musical mystérieux national natif naturel naval nécessaire négatif nerveux net neutre noble nocturne normal notable notoire nucléaire nul numérique obligatoire obscur obstiné occasionnel occidental officiel opaque opportun optimiste orageux oral ordinaire oriental original ouvert pacifique pâle parallèle pareil parfait parlementaire partial partiel passif paternel patient pauvre paysan pénal pénible perdu périlleux permanent perplexe persistant personnel pertinent pessimiste physique pittoresque plat plausible plein pluvieux poétique policier poli politique populaire portuaire positif possible postal précaire précieux précis prématuré présent prestigieux primaire principal privé probable productif professionnel profond propice propre prospère provincial provisoire prudent public puissant pur radical rapide rare rationnel rebelle récent réciproque redoutable réel régional régulier relatif religieux remarquable rentable répandu réservé résidentiel responsable restreint réticent rétif riche ridicule rigide rigoureux robuste romantique rond royal rude rural rustique saisonnier salarial salutaire sanitaire sauvage savant scientifique scolaire secondaire secret sélectif sensible sérieux sévère similaire simple sincère singulier sobre social solaire solennel solide solitaire sombre soudain souple souverain spécial spectaculaire spontané stable stérile stratégique strict structurel stupide subtil successif suffisant supérieur suspect symbolique sympathique syndical systématique tardif technique téméraire temporaire tenace tendre territorial textile théâtral timide tolérant total touchant touristique toxique traditionnel tragique tranquille triste triomphal tropical ultime unanime unique universel urbain urgent utile vague vain valable variable vaste verbal verdoyant vif vigilant vigoureux violent virtuel viril visible visuel vital vivant volontaire voyant vrai vulgaire vulnérable",
    "adverb": "aisément alors ainsi apparemment assez autrefois aussitôt autant bientôt bref certes clairement constamment davantage dès déjà demain depuis directement discrètement doucement encore enfin ensemble ensuite entièrement évidemment exactement facilement fermement finalement formellement fortement franchement fréquemment généralement gravement habituellement hier ici immédiatement jadis jamais justement largement lentement librement longtemps lourdement maintenant mal mieux naguère naturellement nettement notamment officiellement parfois partout patiemment peu plutôt pourtant pratiquement précisément presque progressivement prudemment publiquement puis quasiment rapidement rarement récemment régulièrement sérieusement seulement sévèrement silencieusement simplement soudain souvent surtout tard tôt toujours totalement toutefois tranquillement très trop vite volontiers vraiment",
    "first": "Adèle Agathe Alain Albert Alice André Anne Antoine Aurélie Benoît Bernard Brigitte Camille Cécile Charles Chloé Claire Claude Clément Daniel Denis Diane Élise Émile Emma Éric Estelle Étienne Fanny Fatou François Gabriel Georges Gérard Gilles Hélène Henri Hugo Inès Irène Isabelle Jacques Jean Jeanne Jérôme Julie Julien Karim Laure Laurent Léa Léon Louis Louise Lucas Lucie Luc Manon Marc Marie Martin Mathilde Michel Moussa Nadia Nathan Nicolas Noémie Odile Olivier Pascal Patrick Paul Pauline Philippe Pierre Rachid René Robert Romain Rose Sabine Samir Sarah Simon Solène Sophie Sylvie Thérèse Thomas Valérie Victor Vincent Yann Yves Zoé",
    "institution": "Conseil Institut Ministère Syndicat Comité Parti Groupe Club Musée Centre Bureau Observatoire Collectif Mouvement Réseau Fonds Tribunal Cercle Laboratoire Théâtre",
}  # fmt: skip

WORDS: Mapping[str, Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        lang: MappingProxyType({kind: tuple(dict.fromkeys(text.split())) for kind, text in lists.items()})
        for lang, lists in (("en", _ENGLISH), ("fr", _FRENCH))
    }
)

FIRST_PARTS: Mapping[str, Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "en": {
            "verb": ("re", "over", "out", "under", "mis", "pre", "co-"),
            "adjective": ("un", "non-", "over", "ultra", "semi-", "half-", "super", "sub", "inter", "pan-"),
            "noun": (
                "super",
                "micro",
                "mini",
                "mega",
                "cyber",
                "ex-",
                "hyper",
                "inter",
                "multi",
                "sub",
                "anti",
                "bio",
                "eco",
                "geo",
                "neo",
                "tele",
                "under",
                "over",
                "fore",
                "by",
                "mid",
                "out",
            ),
        },
        "fr": {
            "verb": ("re", "dé", "sur", "entre", "pré", "contre-"),
            "adjective": (
                "ultra",
                "super",
                "hyper",
                "anti",
                "pré",
                "post",
                "néo",
                "multi",
                "pluri",
                "extra",
                "micro",
                "sur",
                "trans",
                "inter",
            ),
            "masculine": (
                "sur",
                "sous-",
                "contre-",
                "anti",
                "micro",
                "super",
                "mini",
                "auto",
                "inter",
                "vice-",
                "demi-",
                "ex-",
                "bio",
                "néo",
                "cyber",
                "avant-",
                "hyper",
                "télé",
            ),
            "feminine": (
                "sur",
                "sous-",
                "contre-",
                "micro",
                "super",
                "mini",
                "auto",
                "inter",
                "vice-",
                "demi-",
                "ex-",
                "bio",
                "cyber",
                "avant-",
                "hyper",
                "télé",
                "mono",
                "multi",
            ),
        },
    }
)
"""What words may begin with: together they make as many rare words as an article has."""

_SECOND = "maker keeper holder worker owner house land man woman side line time way yard craft field work light stone wood ward room post mark board book master hand head guard gate bridge path shop stead scape burner finder proof wise free like less ship hood born wide"
SECOND_PARTS = tuple(_SECOND.split())
"""What English nouns may end with."""


def plural(noun: str) -> str:
    """Return the plural of an English noun.

    >>> [plural(noun) for noun in ("ferry", "church", "roof", "day")]
    ['ferries', 'churches', 'roofs', 'days']
    """
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in _VOWELS else f"{noun}s"


def past(verb: str) -> str:
    """Return the past of an English verb.

    >>> [past(verb) for verb in ("carry", "plan*", "move", "enjoy")]
    ['carried', 'planned', 'moved', 'enjoyed']
    """
    stem = _doubled(verb)
    if stem.endswith("e"):
        return f"{stem}d"
    return f"{stem[:-1]}ied" if stem.endswith("y") and stem[-2] not in _VOWELS else f"{stem}ed"


def going(verb: str) -> str:
    """Return the form in -ing of an English verb.

    >>> [going(verb) for verb in ("carry", "plan*", "move", "free")]
    ['carrying', 'planning', 'moving', 'freeing']
    """
    stem = _doubled(verb)
    return f"{stem[:-1]}ing" if stem.endswith("e") and not stem.endswith("ee") else f"{stem}ing"


def manner(adjective: str) -> str:
    """Return the adverb of an English adjective.

    >>> [manner(adjective) for adjective in ("happy", "gentle", "tragic", "full", "quick")]
    ['happily', 'gently', 'tragically', 'fully', 'quickly']
    """
    if adjective.endswith("y"):
        return f"{adjective[:-1]}ily"
    if adjective.endswith("le"):
        return f"{adjective[:-1]}y"
    ending = "ally" if adjective.endswith("ic") else "y" if adjective.endswith("ll") else "ly"
    return adjective + ending


def agreeing(adjective: str, feminine: bool, plural: bool = False) -> str:
    """Return the form of a French adjective.

    >>> [agreeing(adjective, True) for adjective in ("furieux", "actif", "léger", "réel", "local", "rare", "ancien")]
    ['furieuse', 'active', 'légère', 'réelle', 'locale', 'rare', 'ancienne']
    >>> agreeing("local", False, True), agreeing("furieux", False, True)
    ('locaux', 'furieux')
    """
    form = adjective
    if feminine and not form.endswith("e"):
        endings = {"eux": "euse", "if": "ive", "er": "ère", "el": "elle", "en": "enne", "et": "ète", "anc": "anche"}
        own = next((ending for ending in endings if form.endswith(ending)), "")
        form = form.removesuffix(own) + endings[own] if own else f"{form}e"
    return several(form) if plural else form


def several(noun: str) -> str:
    """Return the plural of a French noun, or of an adjective in its gender.

    >>> [several(noun) for noun in ("tribunal", "bateau", "prix", "pont")]
    ['tribunaux', 'bateaux', 'prix', 'ponts']
    """
    if noun.endswith(("s", "x", "z")):
        return noun
    if noun.endswith("al"):
        return f"{noun[:-2]}aux"
    return f"{noun}x" if noun.endswith(("eau", "eu")) else f"{noun}s"


def elides(word: str) -> bool:
    """Tell whether a French article loses its vowel before a word."""
    return word[:1].lower() in _ELIDED


def _doubled(verb: str) -> str:
    return verb[:-1] + verb[-2] if verb.endswith("*") else verb

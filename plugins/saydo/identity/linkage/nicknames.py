"""Short and familiar forms of given names, as a table of common knowledge; of no set of persons.

Written for this project from everyday usage, and in the public domain. The first of an entry is the
formal name, the others are its forms. Two names are related when they are forms of one, as Bill and
Will are of William. A name may be a form of several, as Pat of Patrick and of Patricia, which does
not relate these two.
"""

from __future__ import annotations

_FORMS = """
abigail abby gail | adam ad | adelaide addie heidi | agnes aggie nessie | albert al bert bertie |
alexander alex al lex sandy sasha xander alec | alexandra alex lexie sandra sandy sasha alexa |
alfred alf alfie al fred | alice ali | alison ali | amanda mandy | amelia amy millie | andrew
andy drew | angela angie | ann annie nan nancy | anna annie | anthony tony ant | archibald archie
baldie | arthur art artie | augustus gus augie | barbara barb babs bobbie | bartholomew bart |
beatrice bea trixie | benedict ben | benjamin ben benny benji | bernard bernie | bertram bert
bertie | bradley brad | bridget biddy bridie | cameron cam | carl charlie | caroline caro carrie
lina | catherine cat cathy kate katie kitty cate | cecilia cissy celia | charles charlie chuck
chas chaz | charlotte charlie lottie lotte | christian chris | christina chris chrissie tina |
christine chris chrissie tina | christopher chris kit topher | claudia claudie | clifford cliff |
clive cliff | constance connie | cornelius neil corny | cynthia cindy | daniel dan danny |
danielle dani ella | david dave davy | deborah deb debbie | dennis den denny | derek del | diana
di | donald don donnie | dorothy dot dottie dolly | douglas doug dougie | edgar ed eddie | edmund
ed eddie ned ted | edward ed eddie ned ted teddy | edwin ed eddie | eleanor ellie nell nellie
nora | elizabeth liz lizzie lizzy beth betty betsy eliza bess libby lisbeth | ella ellie | emily
em emmy millie | emma em emmy | ernest ernie | esther essie | eugene gene | evelyn evie eve |
fiona fi | florence flo florrie flossie | frances fran frankie | francis frank fran frankie |
franklin frank | frederick fred freddie freddy fritz | gabriel gabe | gabrielle gabby | gareth
gary gaz | geoffrey geoff jeff | george georgie | georgina georgie gina | gerald gerry jerry |
gerard gerry | gertrude trudy gertie | gilbert gil bert | gillian gill jill | giovanni gianni
nino | gordon gordy | grace gracie | graham gray | gregory greg | gwendolyn gwen | harold harry
hal | harriet hattie | helen nell nellie | henrietta etta hettie | henry harry hank hal | herbert
herb bert | howard howie | hubert hugh bert | hugh hughie | ignatius iggy | isaac ike zac |
isabella bella izzy isa belle | isabel bella izzy isa belle | jack jackie | jacob jake |
jacqueline jackie jacqui | james jim jimmy jamie jem | jane janie jenny | janet jan | jason jay |
jean jeannie | jeffrey jeff | jennifer jen jenny | jeremiah jerry | jeremy jerry jem | jessica
jess jessie | joan joanie | joanna jo annie | joanne jo | johannes hans jan | john johnny jack |
jonathan jon jonny | joseph joe joey jo | josef sepp | josephine jo josie | joshua josh | juan
juanito | judith judy | julia julie jules | julian jules | karen kaz | katherine kate katie kathy
kay kitty kat | kathleen kath kathy | kenneth ken kenny | kevin kev | kimberly kim | larissa lara
| laura laurie lori | lawrence larry laurie | leonard len lenny leo | leonardo leo | leslie les |
lewis lew lou | lillian lil lily | linda lindy | louis lou louie | louise lou lulu | lucille lucy
| luke lucky | lydia liddy | madeleine maddy | malcolm mal | marcus marc mark | margaret maggie
meg peggy peg madge marge margie greta daisy | maria mia | marilyn mary | marjorie marge margie |
martha marty | martin marty | mary molly polly mae mamie | matilda tilly mattie | matthew matt
matty | maureen mo | maurice mo | maximilian max | megan meg | melanie mel | melissa mel lissa |
michael mike mick micky mikey | michelle shelly | mildred millie | miranda randy mandy | miriam
mimi | mitchell mitch | mohammed mo | montgomery monty | nancy nan | natalia tasha natalie |
natasha tasha | nathan nate nat | nathaniel nate nat nathan | neil neilly | nicholas nick nicky |
nicola nicky nic | nicole nicky nic | norman norm | olivia liv livvy | oliver ollie | oscar ossie
| oswald oz ozzie | pamela pam | patricia pat patty trish tricia | patrick pat paddy | paul
paulie | pauline polly | penelope penny | peter pete | philip phil pip | philippa pippa | phoebe
fee | phyllis phyl | priscilla cilla | rachel rach shelly | ralph ralphie | randolph randy |
raphael rafe rafa | raymond ray | rebecca becky becca | reginald reg reggie rex | richard rick
ricky dick rich richie | robert rob robbie bob bobby bert | roberta bobbie | roderick rod roddy |
rodney rod | roger rodge | roland rolly | ronald ron ronnie | rosalind ros | rosemary rose rosie
| rose rosie | rudolph rudi | russell russ | ruth ruthie | samantha sam sammy | samson sam |
samuel sam sammy | sandra sandy | sarah sally sadie | sebastian seb | sharon shaz | sidney sid |
simon si | sophia sophie | stanley stan | stella ella | stephanie steph | stephen steve stevie |
steven steve stevie | stuart stu | sue susie | susan sue susie suzie | susannah sue susie anna |
sylvia syl | terence terry tel | teresa terry tess tessa tracy | thaddeus tad ted | theodore theo
ted teddy | theresa terry tess tessa | thomas tom tommy | timothy tim timmy | tobias toby |
valerie val | veronica ronnie nicky | victor vic | victoria vicky vic tori | vincent vince vinny
| violet vi | virginia ginny ginger | vivian viv | walter wally walt | wendy wen | wilfred wilf
fred | wilhelmina mina minnie billie | william bill billy will willie liam | winifred winnie
freda | winston winnie | yvonne eve | zachary zac zach zack
"""


def formal_names() -> list[tuple[str, list[str]]]:
    """Each form that is known, in lower case, with the formal names that it may stand for."""
    found: dict[str, set[str]] = {}
    for entry in _FORMS.split("|"):
        for form in (names := entry.split()):
            found.setdefault(form, set()).add(names[0])
    return [(form, sorted(names)) for form, names in sorted(found.items())]

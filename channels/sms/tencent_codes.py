"""What Tencent Cloud's answers mean, for a call and for each of its numbers: one table of Code, in an office's words."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from channels.base import SendError
from channels.words import Meaning
from rules.dates import at, day_of
from rules.outcome import Outcome

_NO, _OURS, _SLOW = Outcome.REFUSED, Outcome.MISCONFIGURED, Outcome.THROTTLED
_UNSURE = Outcome.UNCERTAIN
_ID = "请核对 .env 中的 TENCENT_SMS_SECRET_ID"
_KEY = "请核对 .env 中的 TENCENT_SMS_SECRET_KEY，前后不要有空格"
_APP = "请在短信控制台“应用管理”中核对 channels.sms_tencent.app_id"
_SIGN = "请在短信控制台“签名管理”中核对 channels.sms_tencent.sign"
_TEMPLATE = "请在短信控制台“正文模板管理”中核对 channels.sms_tencent.template 和 text"
_PAY = "请登录腾讯云控制台充值或购买短信套餐包，再恢复渠道"
_ALLOW = "请在短信控制台的 IP 白名单中加入本机的出网地址"
_HELP = "请联系腾讯云短信小助手开通"
_RIGHT = "请在访问管理中给该密钥的用户授权 QcloudSMSFullAccess"
_LENGTH = "请减小 channels.sms_tencent.variables 中的字数（以短信控制台显示的变量长度为准）"
_WORDING = "请修改标题后重新推送"
_TOMORROW = "零点后自动再试，也可在控制台调整频率限制"
_REPORT = "请将此条记录交系统管理员"
_UNCLEAR = "腾讯云系统错误，不能确定是否已发出"

OK = "Ok"
#: The call does not exist here, or not for this account: what it would have told stays unknown.
NO_SUCH_CALL = frozenset(
    {"InvalidAction", "FailedOperation.ProhibitSubAccountUse", "FailedOperation.NotEnterpriseCertification"}
)

# https://cloud.tencent.com/document/product/382/59177 (短信 API 3.0 发送错误码) and
# https://cloud.tencent.com/document/api/382/38780 (公共错误码)
CODES: dict[str, Meaning] = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": Meaning(
        _SLOW, "同一号码30秒内只能发一条", retry_after=timedelta(seconds=35)
    ),
    "LimitExceeded.PhoneNumberOneHourLimit": Meaning(
        _SLOW, "该号码一小时内的短信达到上限", retry_after=timedelta(hours=1)
    ),
    "LimitExceeded.DeliveryFrequencyLimit": Meaning(
        _SLOW, "命中控制台设置的频率限制", retry_after=timedelta(minutes=30)
    ),
    "LimitExceeded.PhoneNumberDailyLimit": Meaning(_SLOW, "该号码今日的短信达到上限", _TOMORROW),
    "LimitExceeded.PhoneNumberSameContentDailyLimit": Meaning(_SLOW, "该号码今日相同内容达到上限", _TOMORROW),
    "LimitExceeded.AppDailyLimit": Meaning(_SLOW, "应用今日的发送总量达到上限", _TOMORROW),
    "LimitExceeded.AppMainlandChinaDailyLimit": Meaning(_SLOW, "应用今日的发送总量达到上限", _TOMORROW),
    "LimitExceeded.DailyLimit": Meaning(_SLOW, "今日的发送总量达到上限", _TOMORROW),
    "RequestLimitExceeded": Meaning(_SLOW, "调用过于频繁", retry_after=timedelta(seconds=5)),
    "LimitExceeded.PhoneNumberCountLimit": Meaning(_NO, "一次提交的号码过多", _REPORT),
    "InternalError": Meaning(_UNSURE, _UNCLEAR),
    "InternalError.Timeout": Meaning(_UNSURE, "腾讯云下发超时，不能确定是否已发出"),
    "InternalError.SendAndRecvFail": Meaning(_UNSURE, "腾讯云收发超时，不能确定是否已发出"),
    "InternalError.OtherError": Meaning(_UNSURE, _UNCLEAR),
    "InternalError.UnknownError": Meaning(_UNSURE, _UNCLEAR),
    "InternalError.ParseBackendResponseFail": Meaning(_UNSURE, _UNCLEAR),
    "InternalError.RequestTimeException": Meaning(_OURS, "本机时钟与标准时间相差过大", "请校准本机时钟"),
    "AuthFailure.SignatureExpire": Meaning(_OURS, "本机时钟与标准时间相差5分钟以上", "请校准本机时钟"),
    "AuthFailure.SecretIdNotFound": Meaning(_OURS, "SecretId 不存在或已停用", _ID),
    "AuthFailure.InvalidSecretId": Meaning(_OURS, "SecretId 不是云 API 密钥", _ID),
    "AuthFailure.InvalidAuthorization": Meaning(_OURS, "密钥填写有误", _KEY),
    "AuthFailure.SignatureFailure": Meaning(_OURS, "SecretKey 不对", _KEY),
    "AuthFailure.UnauthorizedOperation": Meaning(_OURS, "该密钥没有短信权限", _RIGHT),
    "UnauthorizedOperation": Meaning(_OURS, "该密钥没有短信权限", _RIGHT),
    "UnauthorizedOperation.RequestPermissionDeny": Meaning(_OURS, "没有开通此项接口", _HELP),
    "UnauthorizedOperation.RequestIpNotInWhitelist": Meaning(_OURS, "本机出网地址不在 IP 白名单内", _ALLOW),
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": Meaning(_OURS, "SdkAppId 不属于该密钥的账号", _APP),
    "UnauthorizedOperation.SdkAppIdIsDisabled": Meaning(_OURS, "SdkAppId 已被停用", _APP),
    "UnauthorizedOperation.ServiceSuspendDueToArrears": Meaning(_OURS, "账户欠费，短信业务已停", _PAY),
    "InvalidParameterValue.SdkAppIdNotExist": Meaning(_OURS, "SdkAppId 不存在", _APP),
    "InvalidParameter.AppidAndBizId": Meaning(_OURS, "SdkAppId 不属于该账号", _APP),
    "UnsupportedRegion": Meaning(_OURS, "地域不受支持", "请将 channels.sms_tencent.region 改为 ap-guangzhou"),
    "FailedOperation.InsufficientBalanceInSmsPackage": Meaning(_OURS, "套餐包余量不足", _PAY),
    "FailedOperation.SignatureIncorrectOrUnapproved": Meaning(_OURS, "签名不存在或未通过审核", _SIGN),
    "FailedOperation.TemplateIncorrectOrUnapproved": Meaning(_OURS, "模板未通过审核，或内容不符", _TEMPLATE),
    "FailedOperation.TemplateUnapprovedOrNotExist": Meaning(_OURS, "模板不存在或未通过审核", _TEMPLATE),
    "FailedOperation.TemplateIdNotExist": Meaning(_OURS, "模板不存在", _TEMPLATE),
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": Meaning(_OURS, "变量个数与模板不符", _TEMPLATE),
    "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone": Meaning(_OURS, "模板不能发往境内号码", _TEMPLATE),
    "FailedOperation.ContainSensitiveWord": Meaning(_NO, "短信内容含有敏感词", _WORDING),
    "InvalidParameter.DirtyWordFound": Meaning(_NO, "短信内容含有敏感词", _WORDING),
    "FailedOperation.PhoneNumberInBlacklist": Meaning(_NO, "号码在免打扰名单中（多为本人退订）", "请改用其他方式告知"),
    "FailedOperation.PhoneNumberParseFail": Meaning(_NO, "腾讯云不接受该手机号", "请核对名单中的手机号"),
    "FailedOperation.MarketingSendTimeConstraint": Meaning(_NO, "营销类模板只能在8点至22点发送", "请改用通知类模板"),
    "FailedOperation.OtherError": Meaning(_NO, "参数不被接受", _REPORT),
    "FailedOperation.JsonParseFail": Meaning(_NO, "请求格式不被接受", _REPORT),
    "InvalidParameter": Meaning(_NO, "参数不被接受", _REPORT),
    "InvalidParameter.InvalidParameters": Meaning(_NO, "参数不被接受", _REPORT),
    "InvalidParameterValue.IncorrectPhoneNumber": Meaning(_NO, "腾讯云不接受该手机号", "请核对名单中的手机号"),
    "InvalidParameterValue.ContentLengthLimit": Meaning(_NO, "短信内容过长", _LENGTH),
    "InvalidParameterValue.TemplateParameterLengthLimit": Meaning(_NO, "变量超过长度限制", _LENGTH),
    "InvalidParameterValue.TemplateParameterFormatError": Meaning(_NO, "验证码类模板只能填数字", _TEMPLATE),
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": Meaning(
        _NO, "变量中有网址，不被接受", "请去掉标题中的网址后重新推送"
    ),
    "MissingParameter": Meaning(_NO, "缺少参数", _REPORT),
    "MissingParameter.EmptyPhoneNumberSet": Meaning(_NO, "没有手机号", _REPORT),
    "UnknownParameter": Meaning(_NO, "参数不被接受", _REPORT),
}
_UNKNOWN = Meaning(Outcome.UNKNOWN_CODE, "腾讯云返回未收录的错误码", "原始答复已保存，请查阅腾讯云文档后决定是否重发")


def refusal(code: str, raw: str, now: datetime) -> SendError:
    """The error of a call or of one number; the vendor's day is the calendar's, in Shanghai."""
    family = code if code in CODES else code.split(".")[0]
    known = CODES.get(family) if family == code or family == "RequestLimitExceeded" else None
    error = (known or _UNKNOWN).error(code[:50], raw)
    if error.advice == _TOMORROW:
        error.retry_after = at(day_of(now) + timedelta(days=1), time()) - now
    return error
